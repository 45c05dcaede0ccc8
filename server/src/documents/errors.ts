import { argumentsAt, fields, saidBy } from './errors-scan.ts'

/** A code as it stands in the source, with what a person reads beside it. */
export interface Coded {
  code: string
  what: string
  fix: string
  file: string
  /** Whether it is told of as an alarm. */
  alarm: boolean
}

/** Only `internal`, a defect of ours, is of no noun. */
const CODE = /^'([a-z-]+\.[a-z-]+|internal)'$/
/** Functions that make a failure or an alarm of a code: `const late = (code: string, what: string, fix: string)`. */
const MAKER = /(export )?(?:function\s+(\w+)\s*|const\s+(\w+)\s*=\s*)\((code: [^)]*)\)/g

/** What knows the type of alarms and makes no `Failure` of a code makes an alarm. */
const KNOWS_ALARMS = /import type \{[^}]*\bAlarm\b[^}]*\} from '[^']*wire-alarm\.ts'/

export interface Source {
  file: string
  text: string
}

interface Maker {
  call: RegExp
  /** Of its parameters, in order. */
  names: string[]
  shared: boolean
}

/** Every failure and alarm that is made under a code which stands there in the source. */
export function codesIn(sources: readonly Source[]): Coded[] {
  const shared = sources.flatMap(({ text }) => makersIn(text)).filter(maker => maker.shared)
  return sources.flatMap(({ file, text }) => {
    const own = makersIn(text).filter(maker => !maker.shared)
    const coded = (found: ReadonlyArray<Record<string, string>>, alarm: boolean) =>
      found.flatMap(({ code = '', what = '', fix = '' }) => {
        const literal = CODE.exec(code)?.[1]
        return literal === undefined || what === ''
          ? []
          : [{ code: literal, what: saidBy(what), fix: saidBy(fix), file, alarm }]
      })
    const made = [...shared, ...own].flatMap(maker => callsOf(maker, text))
    return [
      ...coded(callsOf(FAILURE, text), false),
      ...coded([...made, ...literals(text)], KNOWS_ALARMS.test(text)),
    ]
  })
}

const FAILURE: Maker = { call: /\bnew Failure\(/g, names: ['code', 'what', 'more'], shared: true }

const makersIn = (text: string): Maker[] =>
  [...text.matchAll(MAKER)].map(([, shared, a, b, parameters]) => ({
    call: new RegExp(`(?<!function\\s)\\b${a ?? b}\\(`, 'g'),
    names: parameters!.split(',').map(parameter => parameter.trim().split(/[:\s]/)[0]!),
    shared: shared !== undefined,
  }))

/** What each call of it gives, by the names of its parameters and of the properties of `more`. */
const callsOf = ({ call, names }: Maker, text: string): Array<Record<string, string>> =>
  [...text.matchAll(call)].map(({ 0: begin, index }) => {
    const given = argumentsAt(text, index + begin.length)
    const named = Object.fromEntries(names.map((name, n) => [name, given[n] ?? '']))
    return { ...named, ...fields(named['more'] ?? '') }
  })

/** Objects with a code, and rows of a table from codes to their words. */
function literals(text: string): Array<Record<string, string>> {
  const objects = [...text.matchAll(/(?<=[{,]\s*)code: '/g)].map(found =>
    fields(`{${text.slice(found.index)}`),
  )
  const rows = [...text.matchAll(/('[a-z-]+\.[a-z-]+'): (?=\{\s*what:)/g)].map(found => ({
    code: found[1]!,
    ...fields(text.slice(found.index + found[0].length)),
  }))
  return [...objects, ...rows]
}

const HEAD = `# Failures and alarms

Whatever goes wrong in a way that Innkeeper knows has a code, says what happened, why, and what to do. \`--json\` and the API have it as \`failure: { code, what, why, fix }\`, a change's run too; \`inn status\` has alarms with \`code\`, \`what\` and \`fix\`. Commands in a \`fix\` stand in backticks, which the command line leaves out. Scripts decide by the code: it stays, the words may get better. \`<app>\` and the like stand for what is filled in; ... is said by a program or by the case. A code in several places has a line for each wording. What command ends with which exit code: [commands.md](commands.md).

Made from the source: \`node server/src/documents/write-errors.ts\`.

| code | what it says | what to do | made in |
|---|---|---|---|
`

/** docs/errors.md: a row for each code. */
export function errorsPage(all: readonly Coded[]): string {
  const rows = [...Map.groupBy(all, one => one.code)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, found]) => {
      const lines = (pick: (one: Coded) => string) =>
        [...new Set(found.map(pick))].filter(Boolean).join('<br>')
      const files = [...new Set(found.map(one => `\`${one.file}\``))].toSorted().join('<br>')
      return `| \`${code}\` | ${lines(one => cell(one.what))} | ${lines(one => cell(one.fix))} | ${files} |\n`
    })
  return HEAD + rows.join('')
}

/** In a command, Markdown takes all but the bar of the table as it stands. */
const cell = (text: string): string =>
  text
    .replaceAll('\n', ' ')
    .replaceAll('|', '\\|')
    .replaceAll(/`[^`]+`|[<*]/g, found => (found.startsWith('`') ? found : `\\${found}`))
