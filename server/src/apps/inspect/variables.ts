import type { EnvUse, SourceFile } from './facts.ts'

const TESTED = /^['"]?\]?\s*(?:\?\?|\|\||\?(?!\.)|===|!==|==|!=|&&|\)\s*(?:\{|\?|&&|\|\||return))/
const READ =
  /(?:process\.env|import\.meta\.env|\benv)(?:\.([A-Z][A-Z0-9_]+)\b|\[\s*['"]([A-Z][A-Z0-9_]+)['"]\s*\])/g

/** Matches an assignment: the program sets the variable itself. */
const ASSIGNED = /^['"]?\]?\s*(?:\?\?|\|\|)?=(?!=)/

/** What one place says of a variable. `read`: no more than that the program reads it, by a helper that knows the rest. */
type Says = 'needed' | 'optional' | 'read'

interface Place {
  name: string
  file: string
  says: Says
  local?: string
}

/** Environment variables that the files read. One place that tests a variable or gives it a default makes it optional. */
export function envUses(files: readonly SourceFile[]): EnvUse[] {
  const places = files.flatMap(placesIn)
  return [...new Set(places.map(place => place.name))].sort().map(name => {
    const own = places.filter(place => place.name === name)
    const local = own.find(place => place.local !== undefined)?.local
    const needed = own.some(place => place.says === 'needed') && own.every(place => place.says !== 'optional')
    return { name, file: own[0]!.file, needed, ...(local === undefined ? {} : { local }) }
  })
}

function placesIn({ path, text }: SourceFile): Place[] {
  const found: Place[] = []
  const add = (name: string, says: Says, local?: string): void =>
    void found.push({ name, file: path, says, ...(local === undefined ? {} : { local }) })
  for (const match of text.matchAll(READ)) {
    const end = match.index + match[0].length
    if (!ASSIGNED.test(text.slice(end, end + 8)))
      add(
        match[1] ?? match[2]!,
        optional(text, match.index, end) ? 'optional' : 'needed',
        localDefault(text, end),
      )
  }
  for (const match of text.matchAll(/\{([^{}]*)\}\s*=\s*process\.env\b/g)) {
    for (const [, name, rest] of match[1]!.matchAll(/\b([A-Z][A-Z0-9_]+)\b\s*(=)?/g))
      add(name!, rest === undefined ? 'needed' : 'optional')
  }
  for (const [, get, name, rest] of text.matchAll(
    /\b(?:config(?:Service)?|env)\.(get|getOrThrow)(?:<[\w\s|]+>)?\(\s*['"]([A-Z][A-Z0-9_]+)['"]\s*(,)?/g,
  ))
    add(name!, rest !== undefined ? 'optional' : get === 'getOrThrow' ? 'needed' : 'read')
  for (const [, verb, name, rest] of text.matchAll(
    /\b(get|require|required|must|mustGet|need|read|load)?_?[eE]nv(?:Var|Variable|OrThrow|Bool|Int|Number|String)?\(\s*['"]([A-Z][A-Z0-9_]+)['"]\s*(,)?/g,
  ))
    add(
      name!,
      rest !== undefined ? 'optional' : /^(?:require|must|need)/.test(verb ?? '') ? 'needed' : 'read',
    )
  for (const { name, needed } of schemaNames(text)) add(name, needed ? 'needed' : 'optional')
  return found
}

const DEFAULT = /^['"]?\]?\s*(?:\?\?|\|\|)\s*(['"`])([^'"`\n]*)\1/
/** Words that stand where a value should be: the program runs with them, and nothing works. */
const NO_DEFAULT =
  /change[-_ ]?me|^your[-_ ]|your[-_ ](?:key|token|secret|api)|^<.*>$|^x{3,}|replace[-_ ]?(?:me|this)|^(?:todo|placeholder|insert|dummy)\b|^\.\.\.$/i

/** `parseBool(process.env.X, false)`: the second argument is a default, except where it is the base of a number. */
function helperDefault(text: string, at: number, end: number): boolean {
  const helper = /([\w.]+)\(\s*$/.exec(text.slice(Math.max(0, at - 60), at))?.[1]
  if (helper === undefined || /^(?:Number\.)?parse(?:Int|Float)$/.test(helper)) return false
  if (
    !/bool|num|int|float|str|list|array|json|parse|default|flag|env|csv|split|coerce|^to[A-Z]/i.test(helper)
  )
    return false
  return /^['"]?\]?\s*,\s*(?:true|false|null|undefined|-?[\d_.]+|'[^'\n]*'|"[^"\n]*"|\[[^\]\n]*\]|\{[^}\n]*\})\s*,?\s*\)/.test(
    text.slice(end, end + 120),
  )
}

/** The address of this machine that stands as a default: right while one develops, and wrong on a server. */
const localDefault = (text: string, end: number): string | undefined => {
  const literal = DEFAULT.exec(text.slice(end, end + 120))?.[2]
  return literal !== undefined && /^(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0)\b/.test(literal)
    ? literal
    : undefined
}

/** Whether a variable is optional there: `if (process.env.X)` says so, `if (!process.env.X) throw` says the opposite. */
function optional(text: string, at: number, end: number): boolean {
  const before = text.slice(Math.max(0, at - 12), at)
  const literal = DEFAULT.exec(text.slice(end, end + 120))?.[2]
  if (literal !== undefined && NO_DEFAULT.test(literal)) return false
  if (helperDefault(text, at, end)) return true
  if (/!$/.test(before) && /throw|exit\(|missing|required/i.test(text.slice(end, end + 160))) return false
  return (
    /(?:if\s*\(|!|&&\s*|\|\|\s*)$/.test(before) ||
    TESTED.test(text.slice(end, end + 60)) ||
    testedByName(text, at, end)
  )
}

/** Whether `const given = process.env.X` is followed by a test of `given` that does not throw or exit. */
function testedByName(text: string, at: number, end: number): boolean {
  const name = /(?:const|let)\s+(\w+)\s*=\s*$/.exec(text.slice(Math.max(0, at - 80), at))?.[1]
  if (name === undefined) return false
  const next = text.slice(end, end + 300)
  const test = new RegExp(
    `if\\s*\\(!?${name}\\b|\\b${name}\\s*(?:\\?\\?|===|!==|==|!=|&&|\\|\\||\\?(?!\\.))`,
  ).exec(next)
  return test !== null && !/throw|exit\(|missing|required/i.test(next.slice(test.index, test.index + 160))
}

/** Variables in a zod, envalid or joi schema of the environment. */
function schemaNames(text: string): Array<{ name: string; needed: boolean }> {
  if (!/process\.env|ProcessEnv|createEnv|cleanEnv|validationSchema|Env\.create/.test(text)) return []
  return [
    ...text.matchAll(
      /^[ \t]*['"]?([A-Z][A-Z0-9_]+)['"]?\s*:\s*((?:z|Joi|joi|yup|v|Type|t|Env\.schema|schema)\.|(?:str|num|url|bool|port|host|email)\()(.*)$/gm,
    ),
  ].map(match => ({
    name: match[1]!,
    needed:
      !/optional|default|catch|nullish|allow\(/.test(match[3]!) &&
      !(match[2] === 'Joi.' && !match[3]!.includes('required')),
  }))
}
