import { type Document, LineCounter, parseDocument, type YAMLError } from 'yaml'
import type { z } from 'zod'
import { Failure } from '../kernel/failure.ts'
import { count, didYouMean, list } from '../kernel/words.ts'
import type { AppConfig, ReleaseStepConfig, ServiceConfig } from './config.ts'
import { crossCheck } from './cross-check.ts'
import { ConfigFile, type ConfigInput } from './schema.ts'

export interface Problem {
  /** services.api.start */
  path: string
  line: number | null
  message: string
}

export type ReadResult = { config: AppConfig; problems: [] } | { config: null; problems: Problem[] }

/** Longest file, many times what people write by hand. It also bounds work that grows faster than the length. */
const MOST_LETTERS = 64 * 1024
/** Most problems that are reported: nobody reads more, and each one's line is looked up separately. */
const MOST_PROBLEMS = 50

const refused = (message: string, line: number | null = null): ReadResult => ({
  config: null,
  problems: [{ path: '', line, message }],
})

/** innkeeper.yaml's text → a checked config, or every problem at once with its place. */
export function readConfig(text: string): ReadResult {
  if (text.length > MOST_LETTERS)
    return refused(`the file has ${text.length} letters, and ${MOST_LETTERS} are the most that is read`)
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  // Only the first error, because the others are mostly its consequences.
  const [broken] = document.errors
  if (broken !== undefined) return refused(reasonOf(broken), lines.linePos(broken.pos[0]).line)
  const content = contentOf(document)
  if ('refused' in content) return refused(content.refused)
  const lineOf = (path: readonly PropertyKey[]) => place(document, lines, path)
  const parsed = ConfigFile.safeParse(content.value ?? {})
  if (!parsed.success) return { config: null, problems: problemsOf(parsed.error.issues, lineOf) }
  const found = crossCheck(parsed.data)
  if (found.length > 0) {
    return {
      config: null,
      problems: found.map(p => ({ path: p.path.join('.'), line: lineOf(p.path), message: p.message })),
    }
  }
  return { config: resolve(parsed.data), problems: [] }
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

function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  lineOf: (path: readonly PropertyKey[]) => number | null,
): Problem[] {
  const problems: Problem[] = []
  for (const issue of issues) if (problems.length < MOST_PROBLEMS) problems.push(...worded(issue, lineOf))
  return problems.slice(0, MOST_PROBLEMS).sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
}

/** The same, but problems are thrown as a Failure. */
export function readConfigOrFail(text: string, file = 'innkeeper.yaml'): AppConfig {
  const { config, problems } = readConfig(text)
  if (config !== null) return config
  throw new Failure('config.invalid', `${file} has ${count(problems.length, 'problem')}`, {
    why: problems
      .map(
        p => `${p.line === null ? '' : `line ${p.line}: `}${p.path === '' ? '' : `${p.path}: `}${p.message}`,
      )
      .join('\n'),
    fix: 'correct the file, then: `inn check`',
    facts: { problems },
  })
}

function worded(issue: z.core.$ZodIssue, lineOf: (path: readonly PropertyKey[]) => number | null): Problem[] {
  const path = issue.path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(issue.path)
    return issue.keys.slice(0, MOST_PROBLEMS).map(key => {
      const near = didYouMean(key, known)
      const hint = near === null ? `known here: ${list(known)}` : `did you mean ${near}?`
      return {
        path: [...issue.path, key].join('.'),
        line: lineOf([...issue.path, key]),
        message: `unknown key; ${hint}`,
      }
    })
  }
  if (issue.code === 'invalid_union') {
    const odd = issue.errors.flat().find(i => i.code === 'unrecognized_keys' && i.path.length === 0)
    if (odd !== undefined) return worded({ ...odd, path: issue.path }, lineOf)
    // Of a union's branches, the one that matched furthest is what the author meant.
    const branches = issue.errors.filter(branch => branch.length > 0)
    const best =
      branches.find(branch => branch.some(i => i.code === 'custom' || i.path.length > 0)) ?? branches[0] ?? []
    return best
      .slice(0, 1)
      .flatMap(inner => worded({ ...inner, path: [...issue.path, ...inner.path] }, lineOf))
  }
  const missing =
    issue.code === 'invalid_type' && issue.input === undefined && /received undefined/.test(issue.message)
  return [{ path, line: lineOf(issue.path), message: missing ? 'is missing' : issue.message }]
}

/** The keys that the schema knows at a path, for "did you mean". */
function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = ConfigFile
  for (const step of path) at = child(at, String(step))
  return Object.keys(shape(at) ?? {})
}

interface Walkable {
  shape?: Record<string, unknown>
  def?: { innerType?: unknown; valueType?: unknown; options?: unknown[]; in?: unknown }
}

function shape(schema: unknown): Record<string, unknown> | null {
  const { shape: own, def } = (schema ?? {}) as Walkable
  if (own !== undefined) return own
  if (def?.innerType !== undefined) return shape(def.innerType)
  // The keys of all branches of a union are known there: `generate` of one, `from` of another.
  const shapes = (def?.options ?? []).map(shape).filter(found => found !== null)
  return shapes.length === 0 ? null : Object.assign({}, ...shapes)
}

function child(schema: unknown, key: string): unknown {
  const { def } = (schema ?? {}) as Walkable
  if (def?.valueType !== undefined) return def.valueType
  const known = shape(schema)
  return known?.[key] ?? (def?.innerType === undefined ? undefined : child(def.innerType, key))
}

function place(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length) as Array<string | number>, true) as
      | { range?: [number, number, number] }
      | undefined
    if (node?.range) return lines.linePos(node.range[0]).line
  }
  return null
}

function resolve(input: ConfigInput): AppConfig {
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
  }
}

function releaseStep(input: ConfigInput, services: readonly ServiceConfig[]): ReleaseStepConfig | null {
  if (input.release === undefined) return null
  const service = (services.find(s => s.start !== undefined) ?? services[0]!).name
  if (Array.isArray(input.release))
    return { command: input.release, service, timeout: 600_000, lockTimeout: 10_000, env: {} }
  return { ...input.release, service: input.release.service ?? service }
}
