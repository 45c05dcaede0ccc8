import { createHash } from 'node:crypto'
import { readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { type Place, placeAddress } from '../../data/places/place.ts'
import type { Finding, Kept, SnapshotOrder, Snapshots } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { inTurns } from '../../kernel/turns.ts'
import { removeTree } from '../host/files.ts'
import { NOT_MOUNTED } from '../host/without-links.ts'
import {
  answer,
  type Call,
  failure,
  failureOf,
  folderOf,
  LONG_MS,
  meaning,
  type ResticOptions,
  run,
} from './call.ts'
import {
  declareWhole,
  isNone,
  isWhole,
  makeReady,
  type Reading,
  shown,
  stored,
  takeBack,
  unlessNew,
  WHOLE,
  whole,
} from './place.ts'
import { remembered } from './remembered.ts'
import { complaints, listen } from './says.ts'

/** Tag and name of the stand-in for an empty folder or stream, which restic refuses. */
const EMPTY = 'empty'

/** Snapshots with restic of Debian: encrypted, compressed, and each content is stored once at a place. */
export function restic(given: ResticOptions): Snapshots {
  const options: Reading = { ...given, lists: remembered(given) }
  const turns = new Map<string, ReturnType<typeof sharedTurns>>()
  // Opening a repository takes half a second, because its key is derived. If it vanishes, the backup itself fails.
  const opened = new Set<string>()
  const ready = async (place: Place): Promise<void> => {
    const address = placeAddress(place)
    if (opened.has(address)) return
    await makeReady(options, place)
    opened.add(address)
  }
  const turnsOf = (place: Place) => {
    if (!turns.has(place.name)) turns.set(place.name, sharedTurns())
    return turns.get(place.name)!
  }
  const keep = (order: SnapshotOrder, source: Source) => {
    const { place, of } = order
    const { beside, first } = turnsOf(place)
    return beside(of, async () => {
      const call = await source()
      // One at a time: two that create the repository would leave two keys, of which one opens nothing.
      await first(() => ready(place))
      try {
        return await keepSource(options, order, call)
      } catch (error) {
        if (!isNone(error)) throw error
        opened.delete(placeAddress(place))
        // It has vanished since it was opened: on purpose, or `ready` fails with the reason.
        await first(() => ready(place))
        return keepSource(options, order, call)
      }
    })
  }
  return {
    keepFolder: order =>
      keep(order, async () => {
        const cwd = await realpath(order.path).catch(error => {
          throw notRead(order, (error as Error).message)
        })
        const instead = order.instead ?? []
        const left = instead.flatMap(({ without }) => without)
        const exclude = left.flatMap(path => ['--exclude', literal(join(cwd, path))])
        return { args: [...exclude, '.'], cwd, reads: { folder: cwd, instead } }
      }),
    keepOutput: order =>
      keep(order, async () => {
        const { argv, env, signal } = order
        const user = order.user && { name: String(order.user.uid), ...order.user }
        const pidFile = pidFileOf(options, order.place, `from ${order.of}`)
        const from = { argv, env, user, signal, pidFile, timeoutMs: LONG_MS, background: true }
        return { args: ['--stdin', '--stdin-filename', order.file], from }
      }),
    list: async place => (await whole(options, place)).map(one => shown(place, one)),
    restore: order => turnsOf(order.place).beside(`into ${order.into}`, () => restore(options, order)),
    forget: (place, ...order) => turnsOf(place).alone(() => forget(options, place, ...order)),
    check: (place, how) => turnsOf(place).alone(() => check(options, place, how)),
  }
}

/** Runs work in the order of the calls: either shared (several at once, but one for each name) or exclusive, as restic's locks require. */
function sharedTurns() {
  const turn = inTurns()
  const named = new Map<string, ReturnType<typeof inTurns>>()
  const inside = new Set<Promise<unknown>>()
  return {
    first: inTurns(),
    async beside<T>(name: string, work: () => Promise<T>): Promise<T> {
      const own = named.get(name) ?? inTurns()
      named.set(name, own)
      const { going } = await turn(async () => {
        const going = own(work)
        inside.add(going)
        going.catch(() => {}).then(() => inside.delete(going))
        return { going }
      })
      return going
    },
    alone: <T>(work: () => Promise<T>): Promise<T> =>
      turn(async () => {
        await Promise.allSettled(inside)
        return work()
      }),
  }
}

/** Escapes a path, because restic reads an exclusion as a pattern. */
const literal = (path: string): string => path.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)

const pidFileOf = (options: ResticOptions, place: Place, work: string): string =>
  join(folderOf(options, place), `${createHash('sha256').update(work).digest('hex').slice(0, 16)}.pid`)

type SourceCall = Pick<Call, 'args' | 'cwd' | 'from'>
type Source = () => Promise<SourceCall>

async function keepSource(
  options: Reading,
  order: SnapshotOrder,
  call: SourceCall,
  tries = call.from === undefined ? 1 : 2,
): Promise<Kept> {
  const { place, of, point, signal } = order
  const time = new Date(order.at).toISOString().replace('T', ' ').replace('Z', '')
  const fixed = ['backup', '--json', '--host', of, '--tag', `point=${point}`, '--time', time]
  // restic writes the snapshot of a folder after all else, so it may say from the beginning that it is whole.
  if (call.from === undefined) fixed.push('--tag', WHOLE)
  const pidFile = pidFileOf(options, place, of)
  const heard = listen(order.onProgress)
  const more = { signal, pidFile, onLine: heard.onLine, timeoutMs: LONG_MS, background: true }
  let done = await answer(options, place, { ...call, args: [...fixed, ...call.args], ...more })
  const { unread } = heard
  // A stream from a command (`from`) is tried once more when it broke off, e.g. because a process beside it was ended. What
  // was stored of it has no tag of completeness, and is removed with the next `forget`.
  if (unread.length > 0 && tries > 1) return keepSource(options, order, call, tries - 1)
  if (unread.length > 0) {
    if (call.from === undefined && heard.summary) await takeBack(options, place, heard.summary.snapshot_id)
    throw notRead(order, telling(unread.join('\n')))
  }
  if (done.code === NOT_MOUNTED) throw notRead(order, telling(done.tail))
  // restic refuses an empty folder with exit code 1 in every version. Only the text shows that this is the reason.
  if (done.code === 1 && done.tail.includes('snapshot is empty')) {
    const args = [...fixed, '--tag', EMPTY, '--stdin', '--stdin-filename', EMPTY]
    done = await answer(options, place, { args, input: EMPTY, ...more })
  }
  // 3: something could not be read. Files that vanished meanwhile are no loss; for others it has thrown above.
  const { summary } = heard
  if ((done.code !== 0 && done.code !== 3) || summary === null) throw failure(place, done)
  const id =
    call.from === undefined
      ? shortId(summary.snapshot_id)
      : await declareWhole(options, place, summary.snapshot_id)
  return { id, bytes: summary.total_bytes_processed, addedBytes: summary.data_added }
}

/** As `snapshots` names it: restic before 0.15 tells the short one of a new snapshot, later ones the whole. */
const shortId = (id: string): string => id.slice(0, 8)

const notRead = ({ of }: SnapshotOrder, why: string): Failure =>
  new Failure('backup.source', `${of} could not be read whole, so that no backup was made of it`, {
    why,
    fix: 'see who may read these files, and whether their disk is sound',
  })

async function restore(
  options: Reading,
  { place, id, into, signal, onProgress }: Parameters<Snapshots['restore']>[0],
): Promise<{ bytes: number }> {
  const { all, warnings } = await stored(options, place)
  const found = all.find(one => isWhole(one) && one.short_id === id)
  if (found === undefined) {
    if (warnings.some(line => line.includes(id)))
      throw failureOf('backup.damaged', place, warnings.join('\n'))
    const fix = `\`inn backup list\` shows what is kept at ${place.name}`
    throw new Failure('snapshot.unknown', `there is no snapshot ${id} at ${place.name}`, {
      why: 'it was forgotten, or never kept here',
      fix,
    })
  }
  if (found.tags?.includes(EMPTY)) return { bytes: 0 }
  // Without a lock, so that it works on a full disk, and with a bucket key that may only read.
  const size = ['stats', '--no-lock', '--json', '--mode', 'restore-size', found.id]
  const { total_size } = JSON.parse((await run(options, place, { args: size, signal })).stdout)
  onProgress?.({ doneBytes: 0, totalBytes: total_size })
  const args = ['restore', '--no-lock', found.id, '--target', into, '--verify']
  const pidFile = pidFileOf(options, place, `into ${into}`)
  await run(options, place, { args, signal, pidFile, timeoutMs: LONG_MS })
  onProgress?.({ doneBytes: total_size, totalBytes: total_size })
  return { bytes: total_size }
}

/** Removes these snapshots, and incomplete ones: no snapshot is being made now, so nothing else needs them. */
async function forget(
  options: Reading,
  place: Place,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const { all } = await stored(options, place)
  const going = all.filter(one => ids.includes(one.short_id) || !isWhole(one)).map(one => one.id)
  const pidFile = pidFileOf(options, place, 'alone')
  const more = { timeoutMs: LONG_MS, background: true, pidFile, signal }
  if (going.length > 0) await run(options, place, { args: ['forget', ...going], ...more })
  // Also when these snapshots were removed before: that call may have been interrupted before the prune.
  await unlessNew(options, place, () => run(options, place, { args: ['prune'], ...more }), null)
}

async function check(
  options: ResticOptions,
  place: Place,
  { data, signal }: Parameters<Snapshots['check']>[1],
): Promise<Finding[]> {
  await removeOldCopies(options, place)
  const args = data ? ['check', '--read-data'] : ['check']
  const pidFile = pidFileOf(options, place, 'alone')
  const call = { args, pidFile, timeoutMs: LONG_MS, background: true, signal }
  const done = await answer(options, place, call)
  if (done.code === 0) return []
  if (meaning(done) === 'backup.busy') throw failure(place, done)
  const opened = await unlessNew(options, place, () => opens(options, place), false)
  if (!opened) return []
  const found = complaints(done.tail)
  return (found.length > 0 ? found : [telling(done.tail)]).map(what => ({ what }))
}

/** Whether a repository can be checked at all. Damage counts as yes, because it is a finding. */
async function opens(options: ResticOptions, place: Place): Promise<boolean> {
  const done = await answer(options, place, { args: ['cat', 'config', '--no-lock'] })
  if (done.code === 0 || meaning(done) === 'backup.damaged') return true
  throw failure(place, done)
}

/** Removes copies of indexes that a killed check has left. */
async function removeOldCopies(options: ResticOptions, place: Place): Promise<void> {
  const folder = folderOf(options, place)
  const left = (await readdir(folder).catch(() => [])).filter(name => name.startsWith('restic-check-cache-'))
  for (const name of left) await removeTree(join(folder, name))
}
