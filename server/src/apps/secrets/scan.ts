import { basename } from 'node:path/posix'
import { logReader } from './scan-log.ts'
import { ENV_RULE, PLACEHOLDER, SCAN_RULES } from './scan-rules.ts'

/** A secret that stands in a source. */
export interface Finding {
  path: string
  line: number
  rule: string
  /** What it is, for a person. */
  is: string
  /** Enough of it to find it again: never all. */
  shown: string
  /** The commit that brought it, where it is only in the history: its short name and its day. */
  commit: string | null
}

export interface Scan {
  findings: Finding[]
  /** Lines over `LONGEST_NAMED`, which were not looked at, or not for all. */
  longLines: number
}

/** With what a line says that what stands in it is no secret; the mark of gitleaks, so that one is enough for both. */
const ALLOWED = 'gitleaks:allow'
/** Lines of programs that a tool wrote have all in one. What is looked for is short. */
export const LONGEST_LINE = 20_000
/** In longer lines no name is looked for: nobody wrote them by hand. */
export const LONGEST_NAMED = 2_000
/** Bits of each character, below which a value is a word or a path. Words have some 3, drawn values 4 and more. */
const LEAST_BITS = 3.5

/** Files that hold names of versions, checksums or pictures, and what is written for tests and examples. */
const LEFT_OUT =
  /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock|go\.sum|Cargo\.lock|composer\.lock)$|\.(?:svg|map|min\.js|min\.css|snap|png|jpe?g|gif|webp|avif|ico|woff2?|ttf|otf|eot|pdf|zip|gz|tgz|mp[34]|webm|wasm)$/i
const FOR_TESTS =
  /(?:^|\/)(?:__tests__|tests?|specs?|e2e|fixtures?|__mocks__|mocks?)\/|\.(?:test|spec|fixture)\.\w+$|\.(?:md|mdx|example|sample|template|dist)$|(?:^|\/)\.?env\.(?:example|sample|template|test|ci)/i

/** Whether anything in this file could be a secret. */
export const isScanned = (path: string): boolean => !LEFT_OUT.test(path)

/** Secrets in one line of a file, each value once. */
export function scanLine(
  path: string,
  line: string,
): Array<Pick<Finding, 'rule' | 'is'> & { value: string }> {
  if (line.length > LONGEST_LINE || line.includes(ALLOWED)) return []
  const seen = new Set<string>()
  const inEnv = isEnvFile(path) ? [ENV_RULE] : []
  return [...SCAN_RULES, ...inEnv].flatMap(({ id, is, pattern, generic = false }) => {
    if (generic && (line.length > LONGEST_NAMED || FOR_TESTS.test(path))) return []
    if (line.search(pattern) < 0) return []
    return [...line.matchAll(pattern)].flatMap(found => {
      const value = found[1] ?? found[0]
      if (
        isCovered(value, seen) ||
        (generic && !looksDrawn(value)) ||
        (id === ENV_RULE.id && PLACEHOLDER.test(value))
      )
        return []
      seen.add(value)
      return [{ rule: id, is, value }]
    })
  })
}

const isCovered = (value: string, seen: ReadonlySet<string>): boolean =>
  [...seen].some(known => known.includes(value) || value.includes(known))

/** Whether a value looks as if a machine had drawn it. */
function looksDrawn(value: string): boolean {
  if (PLACEHOLDER.test(value)) return false
  // Names of variables and of files, and words with dashes.
  if (
    /^[A-Z][A-Z0-9_]*$|^[a-z]+(?:[-_./][a-z]+)*$|^[a-z]+(?:[A-Z][a-z]+)+$|^(?:\.{0,2}\/|@)|\.(?:ts|js|json|pem|key|env)$/.test(
      value,
    )
  )
    return false
  return /\d/.test(value) && bitsOf(value) >= LEAST_BITS
}

/** Shannon's entropy of its characters, in bits for each. */
function bitsOf(value: string): number {
  const counts = new Map<string, number>()
  for (const letter of value) counts.set(letter, (counts.get(letter) ?? 0) + 1)
  return [...counts.values()].reduce((sum, n) => sum - (n / value.length) * Math.log2(n / value.length), 0)
}

/** A file of values that is in the source, though it is not the example of one. */
const isEnvFile = (path: string): boolean => /^\.env(?:\.|$)/.test(basename(path)) && !FOR_TESTS.test(path)

const MOST_SHOWN = 4
/** Of a shorter value, its beginning would give too much away. */
const SHOWN_FROM = 12
const masked = (value: string): string =>
  `${value.length < SHOWN_FROM ? '' : value.slice(0, Math.min(MOST_SHOWN, Math.floor(value.length / 4)))}…`

/** Findings in the files as they are. A value that stands in several lines is told for each file once. */
export async function scanFiles(
  paths: readonly string[],
  read: (path: string) => Promise<string | null>,
): Promise<Scan & { values: Set<string> }> {
  const findings: Finding[] = []
  const values = new Set<string>()
  let longLines = 0
  for (const path of paths.filter(isScanned)) {
    const text = await read(path)
    if (text === null || text.includes('\0')) continue
    const here = new Set<string>()
    for (const [n, line] of text.split('\n').entries()) {
      if (line.length > LONGEST_NAMED) longLines++
      for (const { rule, is, value } of scanLine(path, line)) {
        values.add(value)
        if (here.has(value)) continue
        here.add(value)
        findings.push({ path, line: n + 1, rule, is, shown: masked(value), commit: null })
      }
    }
  }
  return { findings, longLines, values }
}

/** Findings in lines that commits added (`git log -p`), but for values that `known` has: those are told where they stand now. */
export async function scanHistory(lines: AsyncIterable<string>, known: ReadonlySet<string>): Promise<Scan> {
  const findings = new Map<string, Finding>()
  const read = logReader()
  let longLines = 0
  for await (const one of lines) {
    const added = read(one)
    if (added === null || !isScanned(added.path) || added.text.includes('\0')) continue
    const { text, ...at } = added
    if (text.length > LONGEST_NAMED) longLines++
    // The log goes backwards, so that the last one is the commit that brought it.
    for (const { rule, is, value } of scanLine(at.path, text))
      if (!known.has(value)) findings.set(`${value}\n${at.path}`, { ...at, rule, is, shown: masked(value) })
  }
  return { findings: [...findings.values()], longLines }
}
