import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Place, placeAddress } from '../../data/places/place.ts'
import type { Snapshot } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { answer, failureOf, folderOf, type ResticOptions, run } from './call.ts'

/** Added when the source was read to its end: what lacks it was cut off, and is never listed nor restored. */
const WHOLE = 'whole'

/** Makes the repository at the first use; says so when it was there before and is not now, as a disk that is not mounted. */
export async function makeReady(options: ResticOptions, place: Place): Promise<void> {
  const open = () => run(options, place, { args: ['cat', 'config', '--no-lock'] })
  try {
    await open()
  } catch (error) {
    if (!isNone(error)) throw error
    await assertNew(options, place)
    await removeHalfMade(place)
    // restic would close the folder to PostgreSQL's user, who keeps its own backups beside.
    if (place.kind === 'folder') await makeFolder(place.path)
    // Somebody else may make it at this moment: what counts is that it opens.
    await answer(options, place, { args: ['init', '--repository-version', '2'] })
    await open()
  }
  await writeDurable(usedFile(options, place), placeAddress(place))
}

/** A power cut while a repository was made leaves a key that opens nothing, and that restic may try before the right one. */
async function removeHalfMade(place: Place): Promise<void> {
  if (place.kind !== 'folder') return
  const isEmpty = async (name: string) => (await readdir(join(place.path, name)).catch(() => [])).length === 0
  if ((await isEmpty('snapshots')) && (await isEmpty('index'))) await removeTree(join(place.path, 'keys'))
}

export const isNone = (error: unknown): boolean => error instanceof Failure && error.code === 'backup.none'

const usedFile = (options: ResticOptions, place: Place): string => join(folderOf(options, place), 'used')

async function assertNew(options: ResticOptions, place: Place): Promise<void> {
  const used = usedFile(options, place)
  if ((await readFile(used, 'utf8').catch(() => '')) !== placeAddress(place)) return
  const why = `${placeAddress(place)} held backups before, and holds none now. If they were removed on purpose, remove ${used} too`
  throw failureOf('backup.place', place, why)
}

/** The result of `work`, or `otherwise` when nothing was ever kept at the place. */
export async function unlessNew<T>(options: ResticOptions, place: Place, work: () => Promise<T>, other: T) {
  try {
    return await work()
  } catch (error) {
    if (!isNone(error)) throw error
    await assertNew(options, place)
    return other
  }
}

export interface Stored {
  id: string
  short_id: string
  /** The id before its tags were changed. */
  original?: string
  time: string
  hostname: string
  tags?: string[]
}

export const isWhole = ({ tags }: Stored): boolean => tags?.includes(WHOLE) ?? false

export const shown = (place: Place, stored: Stored): Snapshot => ({
  id: stored.short_id,
  place: place.name,
  of: stored.hostname,
  point: stored.tags?.find(tag => tag.startsWith('point='))?.slice('point='.length) ?? '',
  at: Date.parse(stored.time),
})

/** All snapshots that can be read, also those that were cut off. restic warns of unreadable ones and exits with 0. */
export async function stored(
  options: ResticOptions,
  place: Place,
): Promise<{ all: Stored[]; warnings: string[] }> {
  const warnings: string[] = []
  const onLine = (line: string) => {
    if (/^(could not|unable to|ignoring)/i.test(line)) warnings.push(line)
  }
  const args = ['snapshots', '--json', '--no-lock']
  const read = async () => (await run(options, place, { args, onLine })).stdout
  const all = (JSON.parse(await unlessNew(options, place, read, '[]')) as Stored[] | null) ?? []
  return { all: all.sort((a, b) => Date.parse(a.time) - Date.parse(b.time)), warnings }
}

/** Fails when a snapshot cannot be read: in an incomplete list, the missing snapshot would count as removed. */
export async function whole(options: ResticOptions, place: Place): Promise<Stored[]> {
  const { all, warnings } = await stored(options, place)
  if (warnings.length > 0) throw failureOf('backup.damaged', place, warnings.join('\n'))
  return all.filter(isWhole)
}

/** Changing the tag changes the id. Without restic's lock, which would have to be the only one; it adds the new before it removes the old. */
export async function declareWhole(options: ResticOptions, place: Place, id: string): Promise<string> {
  await run(options, place, { args: ['tag', '--no-lock', '--add', WHOLE, id] })
  const { all } = await stored(options, place)
  const found = all.find(one => isWhole(one) && one.original?.startsWith(id))
  if (found === undefined) throw failureOf('backup.place', place, `it lost the snapshot ${id} at once`)
  return found.short_id
}
