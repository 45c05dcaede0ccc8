import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FolderPlace } from '../../data/places/place.ts'
import type { SnapshotOrder, Snapshots } from '../../data/repositories/snapshots.ts'
import { Secret } from '../../kernel/secret.ts'
import { restic } from './restic.ts'

export interface Bench {
  at: string
  snapshots: Snapshots
  /** The same places, seen by another server that knows nothing about them. */
  another(password?: string): Snapshots
  /** Makes a new empty place. */
  place(): FolderPlace
  remove(): Promise<void>
}

const PASSWORD = 'a key of the test'

export async function makeRestic(): Promise<Bench> {
  const at = await mkdtemp(join(tmpdir(), 'inn-restic-'))
  const engine = (password: string, cache: string) =>
    restic({ password: async () => new Secret(password), cache, network: {} })
  let places = 0
  let others = 0
  return {
    at,
    snapshots: engine(PASSWORD, join(at, 'cache')),
    another: (password = PASSWORD) => engine(password, join(at, `cache-${++others}`)),
    place: () => ({ kind: 'folder', name: `disk-${++places}`, path: join(at, `disk-${places}`) }),
    remove: () => rm(at, { recursive: true, force: true }),
  }
}

export const order = (place: SnapshotOrder['place'], of = 'shop/files'): SnapshotOrder => ({
  place,
  of,
  point: 'p1',
  at: Date.UTC(2026, 0, 2),
})
