import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type Place, placeAddress } from '../../data/places/place.ts'
import { exec } from '../host/exec.ts'
import type { ResticOptions } from './call.ts'

const MOST_FILES = 8 * 1024 ** 2
const LONGEST_MS = 20_000

/**
 * Remembers what was read of the snapshots at each folder, as long as the files that say it are the same: restic derives
 * a key at each start, for a quarter of a second of a processor, and files of snapshots never change. Of a bucket
 * nothing is remembered.
 */
export function remembered<T>({ password }: Pick<ResticOptions, 'password'>) {
  const known = new Map<string, { seen: string; value: T }>()
  return async (place: Place, read: () => Promise<T>, isSound: (value: T) => boolean): Promise<T> => {
    const files = place.kind === 'folder' ? await filesIn(place.path) : null
    if (files === null) return read()
    const address = placeAddress(place)
    const seen = createHash('sha256')
      .update(`${(await password()).reveal()}\n${files}`)
      .digest('base64')
    const before = known.get(address)
    if (before?.seen === seen) return before.value
    known.delete(address)
    const value = await read()
    if (isSound(value)) known.set(address, { seen, value })
    return value
  }
}

/** The files that decide which snapshots are read, and how; null: nobody can tell. */
async function filesIn(path: string): Promise<string | null> {
  const those = ['config', 'keys', 'snapshots'].map(name => join(path, name))
  // A program, because a disk that does not answer would hold a thread of the keeper for good.
  const argv = ['find', '-L', ...those, '-printf', String.raw`%p %i %s %C@\n`]
  const done = await exec({ argv, timeoutMs: LONGEST_MS, mostOutput: MOST_FILES }).catch(() => null)
  return done?.code === 0 && done.stdout.length < MOST_FILES ? done.stdout : null
}
