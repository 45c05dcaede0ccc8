import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Place, placeAddress } from '../../data/places/place.ts'
import type { Snapshot } from '../../data/repositories/snapshots.ts'
import { Failure } from '../../kernel/failure.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { answer, failureOf, folderOf, type ResticOptions, run } from './call.ts'
import type { remembered } from './remembered.ts'

/** Tag of complete snapshots; a stream gets it when it was read to its end. A snapshot without it is incomplete, and is never listed or restored. */
export const WHOLE = 'whole'

/** Creates the repository at the first use. Fails when it existed before and is gone, as on a disk that is not mounted. */
export async function makeReady(options: ResticOptions, place: Place): Promise<void> {
  const open = () => run(options, place, { args: ['cat', 'config', '--no-lock'] })
  try {
    await open()
  } catch (error) {
    if (!isNone(error)) throw error
    await assertNew(options, place)
    await removeHalfMade(place)
    // Made here, because restic would close the folder to PostgreSQL's user, whose backups are in it too.
    if (place.kind === 'folder') await makeFolder(place.path)
    // Another process may create it at the same moment, so only the `open` after it decides.
    await answer(options, place, { args: ['init', '--repository-version', '2'] })
    await open()
  }
  await writeDurable(usedFile(options, place), placeAddress(place))
}

/** Removes what a power cut left while a repository was created: a key that opens nothing, and that restic may try first. */
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

/** The result of `work`, or `other` when there is no repository at the place yet. */
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

export interface Listed {
  all: Stored[]
  warnings: string[]
}

export interface Reading extends ResticOptions {
  lists: ReturnType<typeof remembered<Listed>>
}

/** All snapshots that can be read, also incomplete ones. restic only warns of unreadable ones and exits with 0. */
export const stored = (options: Reading, place: Place): Promise<Listed> =>
  options.lists(
    place,
    () => readStored(options, place),
    ({ warnings }) => warnings.length === 0,
  )

async function readStored(options: ResticOptions, place: Place): Promise<Listed> {
  const warnings: string[] = []
  const onLine = (line: string) => {
    if (/^(could not|unable to|ignoring)/i.test(line)) warnings.push(line)
  }
  const args = ['snapshots', '--json', '--no-lock']
  const read = async () => (await run(options, place, { args, onLine })).stdout
  const told = (JSON.parse(await unlessNew(options, place, read, '[]')) as Stored[] | null) ?? []
  const all = told.map(({ id, short_id, original, time, hostname, tags }) => ({
    ...{ id, short_id, time, hostname },
    ...(original === undefined ? {} : { original }),
    ...(tags === undefined ? {} : { tags }),
  }))
  return { all: all.sort((a, b) => Date.parse(a.time) - Date.parse(b.time)), warnings }
}

/** Fails when a snapshot cannot be read: in an incomplete list, the missing snapshot would count as removed. */
export async function whole(options: Reading, place: Place): Promise<Stored[]> {
  const { all, warnings } = await stored(options, place)
  if (warnings.length > 0) throw failureOf('backup.damaged', place, warnings.join('\n'))
  return all.filter(isWhole)
}

/** Tags a snapshot as complete; resolves with its new id. It takes no lock, because restic would need an exclusive one; restic adds the new snapshot before it removes the old. */
export async function declareWhole(options: Reading, place: Place, id: string): Promise<string> {
  await run(options, place, { args: ['tag', '--no-lock', '--add', WHOLE, id] })
  const { all } = await stored(options, place)
  const found = all.find(one => isWhole(one) && one.original?.startsWith(id))
  if (found === undefined) throw failureOf('backup.place', place, `it lost the snapshot ${id} at once`)
  return found.short_id
}

/** Takes the tag away from a snapshot of a folder in which something could not be read. It takes no lock either. */
export const takeBack = (options: ResticOptions, place: Place, id: string): Promise<unknown> =>
  run(options, place, { args: ['tag', '--no-lock', '--remove', WHOLE, id] })
