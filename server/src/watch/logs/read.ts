import { jsonObject } from '../../kernel/json.ts'
import { plain } from '../../kernel/output.ts'
import { count } from '../../kernel/words.ts'
import { type Block, goneBefore, newestFirst, type Position } from './files.ts'
import { glance, lineAfter } from './glance.ts'
import { isFrame, levelOf } from './level.ts'
import type { LogFilter, LogLine } from './wire.ts'

const RANK = { debug: 0, info: 1, warn: 2, error: 3 } as const

/** What breaks a line for a terminal or for Unicode, and is not the end of one in the log: `1 %\r2 %`. */
const BREAKS = /[\r\v\f\u0085\u2028\u2029]+/g

/** Parses one line of a supervisor's log: `2026-11-20T18:12:25.12345 r5 text`; null: it is no such line. */
export function parseLine(raw: string, place: Omit<LogSource, 'folder'>): LogLine | null {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+) (\S+) ?(.*)$/s.exec(raw)
  if (found === null) return null
  // Escape sequences are removed, because an app must not control the terminal of the reader.
  const text = plain(found[3]!.trimEnd().replaceAll(BREAKS, ' '))
  const at = `${found[1]!.slice(0, 23)}Z`
  if (place.app !== undefined) return saidByEdge(text, at, place.app)
  return { at, release: found[2]!, text, level: levelOf(text), ...place }
}

/** What the edge said of an app, `@shop web r2 GET /x: …`; null: it speaks of another app, or of itself. */
function saidByEdge(text: string, at: string, app: string): LogLine | null {
  const found = /^@(\S+) (\S+) (\S+) (.*)$/.exec(text)
  if (found === null || found[1] !== app) return null
  return { at, service: found[2]!, n: 0, release: found[3]!, level: 'error', text: `edge: ${found[4]}` }
}

/** Gives a plain line the level `error` when a stack trace follows it. */
export const headOf = (line: LogLine, next: LogLine | undefined): LogLine =>
  line.level === null && next !== undefined && isFrame(next.text) ? { ...line, level: 'error' } : line

/** Whether a line passes the filter. */
export function wanted(line: LogLine, filter: LogFilter, now: number): boolean {
  if (filter.service !== undefined && line.service !== filter.service) return false
  if (filter.release !== undefined && line.release !== filter.release) return false
  if (filter.level !== undefined && (line.level === null || RANK[line.level] < RANK[filter.level]))
    return false
  if (!isWithin(Date.parse(line.at), filter, now)) return false
  if (filter.field !== undefined && !hasFields(line.text, filter.field)) return false
  return filter.grep === undefined || line.text.toLowerCase().includes(filter.grep.toLowerCase())
}

const isWithin = (at: number, { until = Number.POSITIVE_INFINITY, ...filter }: LogFilter, now: number) =>
  at >= firstOf(filter, now) && at < until

/** The time before which no line is wanted. */
const firstOf = ({ from = 0, sinceMs }: LogFilter, now: number): number =>
  Math.max(from, sinceMs === undefined ? 0 : now - sinceMs)

/** Whether a line is a JSON object with all these values, each written `req.method=POST`. */
function hasFields(text: string, fields: readonly string[]): boolean {
  const value = text.trimStart().startsWith('{') ? jsonObject(text) : null
  return (
    value !== null &&
    fields.every(field => {
      const [path, wanted] = [field.slice(0, field.indexOf('=')), field.slice(field.indexOf('=') + 1)]
      const found = at(value, path)
      return found !== undefined && String(found) === wanted
    })
  )
}

/** What stands at a path of names with dots between them; a name may have dots itself. */
function at(value: unknown, path: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Object.hasOwn(value, path)) return (value as Record<string, unknown>)[path]
  const dot = path.indexOf('.')
  if (dot === -1 || !Object.hasOwn(value, path.slice(0, dot))) return undefined
  return at((value as Record<string, unknown>)[path.slice(0, dot)], path.slice(dot + 1))
}

export interface LogSource {
  folder: string
  service: string
  n: number
  /** The folder is the edge's: only what it says of this app counts. */
  app?: string
}

interface Reading {
  lines: number
  now: number
  /** Only what was there then, by folder. */
  ends?: ReadonlyMap<string, Position>
}

/** The last lines of several logs, merged by time. */
export async function readLogs(
  sources: readonly LogSource[],
  filter: LogFilter,
  reading: Reading,
): Promise<LogLine[]> {
  const all = await Promise.all(sources.map(source => readOne(source, filter, reading)))
  return all
    .flat()
    .sort((a, b) => a.at.localeCompare(b.at))
    .slice(-reading.lines)
}

/** Reads files from the newest to the oldest until there are enough lines. */
async function readOne(
  source: LogSource,
  filter: LogFilter,
  { lines, now, ends }: Reading,
): Promise<LogLine[]> {
  let kept: LogLine[] = []
  for await (const blocks of newestFirst(source.folder, firstOf(filter, now), ends?.get(source.folder))) {
    let found: LogLine[] = []
    for await (const some of wantedOf(blocks, source, { filter, now }))
      found = [...found, ...some].slice(-lines)
    kept = [...found, ...kept]
    if (kept.length >= lines) break
  }
  if (kept.length >= lines) return kept.slice(-lines)
  const beginning = await beginningOf(source)
  return beginning !== null && wanted(beginning, filter, now) ? [beginning, ...kept] : kept
}

/** What stands in the place of lines that are gone, because a log has a bound. */
async function beginningOf(source: LogSource): Promise<LogLine | null> {
  const gone = await goneBefore(source.folder)
  const oldest = gone === null ? null : parseLine(gone.first, { service: source.service, n: source.n })
  if (oldest === null) return null
  const text = `innkeeper: ${count(gone!.lines, 'line')} before this one had to go: the log is full`
  return { ...oldest, level: null, text }
}

/** Every line of several logs that is wanted, some at a time, in no order. */
export async function* everyLine(
  sources: readonly LogSource[],
  filter: LogFilter,
  now: number,
): AsyncGenerator<LogLine[]> {
  for (const source of sources)
    for await (const blocks of newestFirst(source.folder, firstOf(filter, now)))
      yield* wantedOf(blocks, source, { filter, now })
}

/** The lines of one file that are wanted, some at a time. */
async function* wantedOf(
  blocks: AsyncIterable<Block>,
  source: LogSource,
  { filter, now }: { filter: LogFilter; now: number },
): AsyncGenerator<LogLine[]> {
  // What the edge says of an app is an error without a sign of it.
  const { level: _, ...others } = filter
  const { inBlock, lines } = glance(source.app === undefined ? filter : others)
  let found: LogLine[] = []
  const consider = (raw: string, next: string | undefined) => {
    const line = parseLine(raw, source)
    if (line === null) return
    // A line that names no level is an error when a stack follows it.
    const headed = line.level === null && next?.includes(' at ') === true
    const after = headed ? parseLine(next!, source) : null
    const whole = after === null ? line : headOf(line, after)
    if (wanted(whole, filter, now)) found.push(whole)
  }
  let held: string | null = null
  for await (const { text, odd } of blocks) {
    const first = text.indexOf('\n')
    if (held !== null) consider(held, first === -1 ? text : text.slice(0, first))
    held = text.slice(text.lastIndexOf('\n') + 1)
    if (first === -1 || !inBlock(text, odd)) continue
    for (const [start, end] of lines(text, odd))
      if (end < text.length) consider(text.slice(start, end), lineAfter(text, end))
    yield found
    found = []
  }
  if (held !== null) consider(held, undefined)
  yield found
}
