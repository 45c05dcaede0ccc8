import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { z } from 'zod'
import { Failure } from '../kernel/failure.ts'
import { count } from '../kernel/words.ts'
import { PRODUCTION } from './app-key.ts'
import type { AppConfig, ReleaseStepConfig, SeedConfig, ServiceConfig } from './config.ts'
import { crossCheck } from './cross-check.ts'
import { environmentProblems, environmentsOf, inEnvironment } from './environments.ts'
import { worded } from './issues.ts'
import type { CrossProblem, LineOf, Problem } from './problem.ts'
import { follows, salvage } from './salvage.ts'
import { ConfigFile, type ConfigInput } from './schema.ts'

/** `environments`: the names of all that the file has. */
export type ReadResult = { lineOf: LineOf; environments: string[] } & (
  | { config: AppConfig; problems: [] }
  /** `rest`: what can be read when the refused values are left out, to look for more problems; null: too little. */
  | { config: null; problems: Problem[]; rest: AppConfig | null }
)

/** Longest file, many times what people write by hand. It also bounds work that grows faster than the length. */
const MOST_LETTERS = 64 * 1024
/** Most problems that are reported: nobody reads more, and each one's line is looked up separately. */
const MOST_PROBLEMS = 50

const refused = (message: string, line: number | null = null): ReadResult => ({
  config: null,
  problems: [{ path: '', line, message }],
  rest: null,
  lineOf: () => null,
  environments: [PRODUCTION],
})

/** innkeeper.yaml's text → its checked config in one environment, or every problem at once with its place. */
export function readConfig(text: string, environment = PRODUCTION): ReadResult {
  if (text.length > MOST_LETTERS)
    return refused(`the file has ${text.length} letters, and ${MOST_LETTERS} are the most that is read`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true })
  // Only the first error, because the others are mostly its consequences.
  const [broken] = document.errors
  if (broken !== undefined) return refused(reasonOf(broken), lines.linePos(broken.pos[0]).line)
  const content = contentOf(document)
  if ('refused' in content) return refused(content.refused)
  const file = withoutAnchors(content.value ?? {})
  const lineOf = (path: readonly PropertyKey[]) => place(document, lines, { path, environment })
  const read = check(inEnvironment(file, environment), environmentProblems(file, environment), lineOf)
  return { ...read, lineOf, environments: environmentsOf(file) }
}

type Checked =
  | { config: AppConfig; problems: [] }
  | { config: null; problems: Problem[]; rest: AppConfig | null }

/** Problems between keys are told beside those of single keys: whoever corrects a file wants to do it once. */
function check(value: unknown, ofEnvironment: readonly CrossProblem[], lineOf: LineOf): Checked {
  const parsed = ConfigFile.safeParse(value)
  if (parsed.success) {
    const found = [...ofEnvironment, ...crossCheck(parsed.data)].map(p => placed(p, lineOf))
    if (found.length === 0) return { config: resolve(parsed.data), problems: [] }
    return { config: null, problems: found, rest: resolve(parsed.data) }
  }
  const single = problemsOf(parsed.error.issues, lineOf)
  const left = salvage(value)
  if (left === null) return { config: null, problems: single, rest: null }
  const between = [...ofEnvironment, ...crossCheck(left.input).filter(problem => !follows(problem, left))]
  const problems = [...single, ...between.map(p => placed(p, lineOf))].slice(0, MOST_PROBLEMS)
  return { config: null, problems: problems.sort(byLine), rest: resolve(left.input) }
}

export const placed = ({ path, message }: CrossProblem, lineOf: LineOf): Problem => ({
  path: path.join('.'),
  line: lineOf(path),
  message,
})

const byLine = (a: Problem, b: Problem): number => (a.line ?? 0) - (b.line ?? 0)

/** Keys of the file that begin with x- hold anchors (&name) for other places, and nothing else. */
function withoutAnchors(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([key]) => !key.startsWith('x-')))
}

/** The document as plain values. Aliases of aliases may expand without end, and nesting may exceed the stack: both are refused. */
function contentOf(document: Document): { value: unknown } | { refused: string } {
  try {
    return { value: document.toJS() }
  } catch (error) {
    if (error instanceof RangeError) return { refused: TOO_DEEP }
    // The YAML package throws this for an alias bomb, and for an alias without an anchor.
    if (error instanceof ReferenceError)
      return { refused: `an alias (*name) stands for too much, or for nothing: ${error.message}` }
    throw error
  }
}

const TOO_DEEP = 'it is nested too deeply: no key of it has more than a few levels'

function reasonOf({ code, message }: YAMLError): string {
  if (code === 'RESOURCE_EXHAUSTION') return TOO_DEEP
  if (code === 'MULTIPLE_DOCS') return 'the file holds several documents (---): one app has one file'
  return `not YAML: ${message}`
}

function problemsOf(issues: readonly z.core.$ZodIssue[], lineOf: LineOf): Problem[] {
  const problems: Problem[] = []
  for (const issue of issues) if (problems.length < MOST_PROBLEMS) problems.push(...worded(issue, lineOf))
  return problems.slice(0, MOST_PROBLEMS).sort(byLine)
}

/** The same, but problems are thrown as a Failure. */
export function readConfigOrFail(text: string, environment?: string): AppConfig {
  const { config, problems } = readConfig(text, environment)
  if (config !== null) return config
  throw invalid(problems)
}

/** The failure that tells all problems of a file, each with its line. */
export const invalid = (problems: readonly Problem[], file = 'innkeeper.yaml'): Failure =>
  new Failure('config.invalid', `${file} has ${count(problems.length, 'problem')}`, {
    why: problems
      .map(
        p => `${p.line === null ? '' : `line ${p.line}: `}${p.path === '' ? '' : `${p.path}: `}${p.message}`,
      )
      .join('\n'),
    fix: 'correct the file, then: `inn check`',
    facts: { problems },
  })

interface Sought {
  path: readonly PropertyKey[]
  environment: string
}

/** The line of a key: the one of the environment, where it stands there too. */
function place(document: Document, lines: LineCounter, { path, environment }: Sought): number | null {
  const own = ['environments', environment]
  const above = deepest(document, [...own, ...path])
  const below = deepest(document, path)
  const found = above.length - own.length > 0 && above.length - own.length >= below.length ? above : below
  return found.range === undefined ? null : lines.linePos(found.range[0]).line
}

/** How much of a path a document has, and where that stands. */
function deepest(
  document: Document,
  path: readonly PropertyKey[],
): { length: number; range?: [number, number, number] } {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length) as Array<string | number>, true) as
      | { range?: [number, number, number] }
      | undefined
    if (node?.range) return { length, range: node.range }
  }
  return { length: 0 }
}

function resolve({ environments: _, ...input }: ConfigInput): AppConfig {
  const services: ServiceConfig[] = Object.entries(input.services).map(([name, service]) => ({
    ...service,
    name,
    kind: service.static !== undefined ? 'static' : service.worker ? 'worker' : 'web',
  }))
  const serving = services.find(service => service.kind !== 'worker')
  const routes = input.routes ?? (serving ? { '/': serving.name } : {})
  return {
    ...input,
    services,
    routes: Object.entries(routes)
      .map(([prefix, service]) => ({
        prefix: prefix.length > 1 ? prefix.replace(/\/+$/, '') : prefix,
        service,
      }))
      .sort((a, b) => b.prefix.length - a.prefix.length),
    release: releaseStep(input, services),
    seed: input.seed === undefined ? null : commandOf(input.seed, services),
    preview: null,
  }
}

function releaseStep(
  { release: said }: Pick<ConfigInput, 'release'>,
  services: readonly ServiceConfig[],
): ReleaseStepConfig | null {
  if (said === undefined) return null
  const { lockTimeout, blockTimeout, env } = Array.isArray(said)
    ? { lockTimeout: 10_000, blockTimeout: 10_000, env: {} }
    : said
  return { ...commandOf(said, services), lockTimeout, blockTimeout, env }
}

/** A command of the app that runs once, as the owner of its database. */
function commandOf(said: NonNullable<ConfigInput['seed']>, services: readonly ServiceConfig[]): SeedConfig {
  const service = (services.find(s => s.start !== undefined) ?? services[0]!).name
  if (Array.isArray(said)) return { command: said, service, timeout: 600_000 }
  const { command, timeout } = said
  return { command, timeout, service: said.service ?? service }
}
