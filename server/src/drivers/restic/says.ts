import { getSystemErrorMap } from 'node:util'
import type { Progress } from '../../data/repositories/snapshots.ts'

/**
 * A line of restic's JSON output. What stands here is what its documentation lists, of all versions: an error had the
 * system's error number until 0.16, and has only its text since. `exit_error` says since 0.17 why it ended.
 */
type Line =
  | { message_type: 'status'; bytes_done?: number; total_bytes?: number }
  | { message_type: 'summary'; snapshot_id: string; total_bytes_processed: number; data_added: number }
  | { message_type: 'error'; error?: Problem | null; item?: string }
  | { message_type: 'exit_error'; message?: string }

interface Problem {
  /** A number, or an empty object for what is no error of the system. */
  Err?: unknown
  Op?: string
  message?: string
}

const ENOENT = { number: 2, text: /no such file or directory$/ }

function parse(text: string): Line | null {
  if (!text.startsWith('{"message_type"')) return null
  try {
    return JSON.parse(text) as Line
  } catch {
    return null // Cut off: only the end of a long output is kept.
  }
}

/** Reads the lines of `restic backup --json`. */
export function listen(onProgress: ((progress: Progress) => void) | undefined) {
  const heard = {
    summary: null as Extract<Line, { message_type: 'summary' }> | null,
    /** What could not be read. Files that vanished meanwhile are not among it. */
    unread: [] as string[],
    onLine(text: string) {
      const line = parse(text)
      if (line === null) return
      if (line.message_type === 'status')
        onProgress?.({ doneBytes: line.bytes_done ?? 0, totalBytes: line.total_bytes ?? null })
      else if (line.message_type === 'summary') {
        heard.summary = line
        // When it ends before its first status is due, newer versions print none.
        onProgress?.({ doneBytes: line.total_bytes_processed, totalBytes: line.total_bytes_processed })
      } else if (line.message_type === 'error' && !vanished(line)) heard.unread.push(described(line))
    },
  }
  return heard
}

const vanished = ({ error }: Extract<Line, { message_type: 'error' }>): boolean =>
  error?.Err === ENOENT.number || ENOENT.text.test(error?.message ?? '')

/** In few words: a path may have thousands of characters, and restic names it more than once. */
function described({ error, item }: Extract<Line, { message_type: 'error' }>): string {
  const [, told] = (typeof error?.Err === 'number' && getSystemErrorMap().get(-error.Err)) || []
  const text = error?.message ?? `${error?.Op ?? 'read'} ${item ?? ''}: ${told ?? 'it failed'}`
  return text.length <= SHORT ? text : `${text.slice(0, SHORT / 2)} … ${text.slice(-SHORT / 2)}`
}

const SHORT = 300

/** restic's output as text: what it said in JSON as the sentence that it holds, and no progress. */
export const spoken = (tail: string): string =>
  tail
    .split('\n')
    .flatMap(text => {
      const line = parse(text)
      if (line?.message_type === 'status' || line?.message_type === 'summary') return []
      return line?.message_type === 'exit_error' ? (line.message ?? text) : text
    })
    .join('\n')

const NOISE = /^(\t|github\.com\/|golang\.org\/|main\.|runtime\.)/

/** restic's message without progress and places in its source. Repeated attempts are left out when there is anything else. */
export function words(tail: string): string {
  const lines = spoken(tail)
    .split('\n')
    .filter(line => !NOISE.test(line))
  const final = lines.filter(line => !line.includes('returned error, retrying after'))
  return (final.join('').trim() === '' ? lines : final).join('\n')
}

const USUAL =
  /^(using temporary cache|create exclusive lock|load indexes|check all packs|check snapshots|read all data|no errors were found|\[\d+:\d+\]|$)/
/** What newer versions advise. A repair gives up what is damaged, which is not to be read as the next step. */
const ADVICE = /^(the repository (contains damaged|is damaged and)|restic repair |damaged pack files can be)/i

/** What `restic check` found wrong, without its progress and its advice; each once. */
export const complaints = (tail: string): string[] => [
  ...new Set(
    words(tail)
      .split('\n')
      .map(line => line.trim())
      .filter(line => !USUAL.test(line) && !ADVICE.test(line)),
  ),
]

/** How long a request may fail before the place counts as unreachable. */
const PATIENCE_MS = 60_000

/** Units of a duration as Go writes it: 537.4ms, 21.6s, 1m12.3s. */
const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1_000,
  ms: 1,
  µs: 1e-3,
  ns: 1e-6,
}

const goDuration = (text: string): number =>
  [...text.matchAll(/([\d.]+)(h|ms|m|s|µs|ns)/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * UNITS[unit!]!,
    0,
  )

/**
 * Reads what restic prints of requests that it repeats, and says when to wait no longer. By itself it ends after ten
 * attempts, about a minute, until 0.16, and since then after a quarter of an hour for each request; no option bounds it.
 */
export function patience(bound = PATIENCE_MS): (line: string, now: number) => boolean {
  const since = new Map<string, number>()
  return (line, now) => {
    const [, fine] = /^(.+) operation successful after \d+ retries/.exec(line) ?? []
    if (fine !== undefined) since.delete(fine)
    const [, failed, wait] = /^(.+?) returned error, retrying after ([\dhmsµn.]+):/.exec(line) ?? []
    if (failed === undefined) return false
    const first = since.get(failed) ?? now
    since.set(failed, first)
    return now + goDuration(wait!) - first > bound
  }
}

/** restic 0.14 can stop for ever on a full disk, at 100 %, and goes on to print the same status. */
const STILL_MS = { folder: 5 * 60_000, s3: 2 * 3_600_000 }

/**
 * Whether the status of a backup has been the same for too long, line by line. What is sent to a bucket may lie in
 * buffers for long on a slow line; a folder takes it at once.
 */
export function stillness(kind: keyof typeof STILL_MS): (line: string, now: number) => boolean {
  let last = ''
  let since = 0
  return (text, now) => {
    const line = parse(text)
    if (line === null) return false
    const told = line.message_type === 'status' ? `${line.bytes_done} ${line.total_bytes}` : text
    if (told !== last) {
      last = told
      since = now
    }
    return now - since > STILL_MS[kind]
  }
}
