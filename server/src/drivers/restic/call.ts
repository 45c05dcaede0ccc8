import { readFile, statfs } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import { type Place, placeAddress } from '../../data/places/place.ts'
import type { Instead } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import type { Secret } from '../../kernel/secret.ts'
import { showSize } from '../../kernel/sizes.ts'
import { exec } from '../host/exec.ts'
import { makeFolder } from '../host/files.ts'
import { execInto } from '../host/pipe.ts'
import { withoutLinks } from '../host/without-links.ts'
import { patience, spoken, stillness, words } from './says.ts'

export interface ResticOptions {
  password: () => Promise<Secret>
  /** Cache folder, for copies of indexes and other data about each place. */
  cache: string
  /** Environment variables for the network: proxies, certificates. */
  network: Readonly<Record<string, string>>
}

type Shared = Pick<Command, 'cwd' | 'signal' | 'onLine' | 'pidFile' | 'background' | 'input'>

/** One restic command, without the repository and the password. */
export interface Call extends Shared {
  args: readonly string[]
  timeoutMs?: number
  /** A command whose standard output it reads. */
  from?: Command
  /** The folder that restic reads, which may belong to an app, and files that it sees in the place of some there. */
  reads?: { folder: string; instead: readonly Instead[] }
}

const SHORT_MS = 5 * 60_000
/** How many of the last lines tell why it was ended. */
const SAID = 20
/** Long enough for the first upload of a large folder over a slow line. */
export const LONG_MS = 48 * 3_600_000

export const folderOf = ({ cache }: ResticOptions, place: Place): string => join(cache, place.name)

/** Runs restic at a place; any exit code is an answer. Locks of killed processes are removed. */
export async function answer(options: ResticOptions, place: Place, call: Call): Promise<Finished> {
  const done = await attempt(options, place, call)
  const inTheWay = done.code !== 0 && meaning(done) === 'backup.busy'
  return inTheWay && (await removeDeadLocks(options, place)) ? attempt(options, place, call) : done
}

/** Like `answer`, but any exit code except 0 is a Failure. */
export async function run(options: ResticOptions, place: Place, call: Call): Promise<Finished> {
  const done = await answer(options, place, call)
  if (done.code === 0) return done
  throw failure(place, done)
}

async function attempt(options: ResticOptions, place: Place, call: Call): Promise<Finished> {
  const { args, from, reads, timeoutMs = SHORT_MS, ...rest } = call
  const bound = bounded(call, place)
  const trust = place.kind === 's3' && place.ca !== null ? ['--cacert', place.ca] : []
  const env = await environment(options, place)
  await makeFolder(folderOf(options, place), 0o700)
  const own = ['restic', ...trust, ...args]
  const argv = reads === undefined ? own : withoutLinks(reads.folder, own, reads.instead)
  const command = { argv, env, timeoutMs, ...rest, ...bound.more }
  try {
    return await (from === undefined ? exec(command) : execInto(from, command, `reading ${from.argv[0]}`))
  } catch (error) {
    if (bound.gaveUp(error)) return bound.said(await roomAt(place))
    // A timeout of the command that restic reads from is not restic's, and is passed on as it is.
    const ours = error instanceof Failure && error.code === 'exec.timeout' && error.facts['argv'] === argv
    throw ours ? failureOf('backup.place', place, error.why) : error
  }
}

/** Less than this, and restic may have found no room for what it holds in memory: packs of 16 MB, several at a time. */
const LITTLE_ROOM = 128 * 1024 ** 2

const STOPPED = 'restic did nothing any more for minutes, and was ended'

/** What a folder says of its room, in words that restic would use; '' when there is enough, or nobody knows. */
async function roomAt(place: Place): Promise<string> {
  const disk = place.kind === 'folder' ? await statfs(place.path).catch(() => null) : null
  const free = disk === null ? Number.POSITIVE_INFINITY : disk.bavail * disk.bsize
  return free < LITTLE_ROOM ? `no space left on device: ${showSize(free)} free at ${placeAddress(place)}` : ''
}

/** Ends restic when a request fails for too long, or nothing goes on any more; that is an answer then, as when it gives up by itself. */
function bounded({ signal, onLine }: Call, { kind }: Place) {
  const started = performance.now()
  const over = new AbortController()
  const tooLong = patience()
  const still = stillness(kind)
  const lines: string[] = []
  return {
    more: {
      signal: signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]),
      onLine(line: string) {
        lines.push(line)
        if (lines.length > SAID) lines.shift()
        onLine?.(line)
        const now = performance.now()
        if (tooLong(line, now)) over.abort(new Error('the place does not answer'))
        else if (still(line, now)) over.abort(new Error(STOPPED))
      },
    },
    gaveUp: (error: unknown): boolean => over.signal.aborted && error === over.signal.reason,
    said: (room: string): Finished => {
      const ms = performance.now() - started
      const still = (over.signal.reason as Error).message === STOPPED ? [STOPPED, room] : []
      return { code: null, signal: 'SIGKILL', tail: [...lines, ...still].join('\n'), stdout: '', ms }
    },
  }
}

/** restic's environment, with the password and the bucket's secret. Only the user of a process can read its environment. */
async function environment(options: ResticOptions, place: Place): Promise<Record<string, string>> {
  const { password, network } = options
  const bucket: Record<string, string> =
    place.kind === 's3'
      ? {
          AWS_ACCESS_KEY_ID: place.keyId,
          AWS_SECRET_ACCESS_KEY: place.secret.reveal(),
          AWS_DEFAULT_REGION: place.region,
        }
      : {}
  return {
    ...network,
    ...bucket,
    RESTIC_REPOSITORY: place.kind === 's3' ? `s3:${placeAddress(place)}` : place.path,
    RESTIC_PASSWORD: (await password()).reveal(),
    RESTIC_CACHE_DIR: folderOf(options, place),
    RESTIC_PROGRESS_FPS: '2',
    TZ: 'UTC',
  }
}

/** Age from which a lock counts as dead: restic renews its locks every five minutes. */
const LOCK_LIVES_MS = 30 * 60_000

/**
 * Removes locks of processes that are gone; whether no lock is left. `restic unlock` without `--remove-all` is never
 * used: it sends SIGHUP to the pid in a lock, which may be an app by now.
 */
async function removeDeadLocks(options: ResticOptions, place: Place): Promise<boolean> {
  const listed = await attempt(options, place, { args: ['list', 'locks', '--no-lock'] })
  for (const id of listed.stdout.match(/^[0-9a-f]{64}$/gm) ?? []) {
    const read = await attempt(options, place, { args: ['cat', 'lock', id, '--no-lock'] })
    if (read.code === 0 && (await lives(JSON.parse(read.stdout) as Lock))) return false
  }
  const removed = await attempt(options, place, { args: ['unlock', '--remove-all'] })
  return listed.code === 0 && removed.code === 0
}

interface Lock {
  time: string
  hostname: string
  pid: number
}

async function lives({ time, hostname: host, pid }: Lock): Promise<boolean> {
  if (Date.now() - Date.parse(time) > LOCK_LIVES_MS) return false
  if (host !== hostname()) return true
  return (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim() === 'restic'
}

type Code = 'backup.key' | 'backup.space' | 'backup.busy' | 'backup.damaged' | 'backup.none' | 'backup.place'

/** Exit codes of restic since 0.17. */
const EXITS: Readonly<Record<number, Code>> = { 10: 'backup.none', 11: 'backup.busy', 12: 'backup.key' }

/**
 * Texts that decide what exit code 1 means, in this order. restic 0.14 of Debian 12 has only this code, and a full disk
 * and damage have no code of their own in any version.
 */
const SIGNS: ReadonlyArray<[Code, RegExp]> = [
  ['backup.busy', /repository is already locked/],
  ['backup.key', /wrong password or no key found/],
  ['backup.space', /no space left on device|disk quota exceeded|QuotaExceeded|StorageFull/],
  [
    'backup.none',
    /unable to open config file: (stat \S.*: no such file or directory|Stat: The specified key does not exist)/,
  ],
  [
    'backup.damaged',
    /is damaged|verification failed|invalid data|Unmarshal|mismatch|does not match|not found in (index|repository)|loading blob|(ReadFull|StreamPack|Load).*unexpected EOF|contains errors|NoSuchKey|key does not exist|(data|index|snapshots)\/\S*: no such file/i,
  ],
]

/** The failure code for how restic ended. */
export function meaning({ code, tail }: Pick<Finished, 'code' | 'tail'>): Code {
  const said = spoken(tail)
  return EXITS[code ?? 1] ?? SIGNS.find(([, sign]) => sign.test(said))?.[0] ?? 'backup.place'
}

export const failure = (place: Place, done: Finished): Failure =>
  failureOf(meaning(done), place, telling(words(done.tail)))

const TEXTS: Record<Code, { what: (at: string) => string; fix: string }> = {
  'backup.key': {
    what: at => `the backups at ${at} do not open with this key`,
    fix: 'give the key under which they were kept; there is no other way to read them',
  },
  'backup.space': {
    what: at => `there was no room left while working with the backups at ${at}`,
    fix: 'the lines above name the disk; free space on it, then try again',
  },
  'backup.busy': {
    what: at => `another server or person is working with the backups at ${at}`,
    fix: 'wait until it has ended; if it was cut off, half an hour',
  },
  'backup.damaged': {
    what: at => `what is stored at ${at} is damaged`,
    fix: 'nothing of it was taken for good; restore from another place or an older point, and check this place',
  },
  'backup.none': {
    what: at => `nothing was ever kept at ${at}`,
    fix: 'see whether it is the place that you mean',
  },
  'backup.place': {
    what: at => `the backups at ${at} cannot be reached`,
    fix: 'see whether the disk is mounted, or the address, the bucket and its key are right',
  },
}

export function failureOf(code: Code, place: Place, why: string): Failure {
  const { what, fix } = TEXTS[code]
  return new Failure(code, what(place.name), { why, fix, facts: { place: place.name } })
}
