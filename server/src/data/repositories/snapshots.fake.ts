import { cp, mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { type Place, placeAddress } from '../places/place.ts'
import type { Instead, Kept, Snapshot, SnapshotOrder, Snapshots } from './snapshots.ts'

interface Options {
  /** Folder for the copied trees. */
  folder: string
  /** Runs a command. Resolves with its output, rejects when it fails. */
  run(argv: readonly string[], env: Readonly<Record<string, string>>): Promise<string>
}

/** The port over plain copies in a folder, for tests of code that uses the port. */
export function fakeSnapshots({ folder, run }: Options): Snapshots {
  const kept = new Map<string, Snapshot[]>()
  const of = (place: Place) => kept.get(placeAddress(place)) ?? []
  const treeOf = (id: string) => join(folder, id)
  let made = 0

  async function keep(order: SnapshotOrder, write: (tree: string) => Promise<void>): Promise<Kept> {
    const { place, of: what, point, at, signal, onProgress } = order
    const id = `fake${++made}`
    signal?.throwIfAborted()
    await write(treeOf(id))
    signal?.throwIfAborted()
    const bytes = await sizeOf(treeOf(id))
    onProgress?.({ doneBytes: bytes, totalBytes: bytes })
    kept.set(placeAddress(place), [...of(place), { id, place: place.name, of: what, point, at }])
    return { id, bytes, addedBytes: bytes }
  }

  return {
    keepFolder: order => keep(order, tree => copy(order.path, tree, order.instead)),
    keepOutput: order =>
      keep(order, async tree => {
        const printed = await run(order.argv, order.env)
        await mkdir(tree, { recursive: true })
        await writeFile(join(tree, order.file), printed)
      }),
    list: async place => of(place).toSorted((a, b) => a.at - b.at),
    async restore({ place, id, into, signal, onProgress }) {
      signal?.throwIfAborted()
      if (!of(place).some(one => one.id === id)) throw unknown(place, id)
      await copy(treeOf(id), into)
      const bytes = await sizeOf(into)
      onProgress?.({ doneBytes: bytes, totalBytes: bytes })
      return { bytes }
    },
    async forget(place, ids, signal) {
      signal?.throwIfAborted()
      kept.set(
        placeAddress(place),
        of(place).filter(({ id }) => !ids.includes(id)),
      )
      for (const id of ids) await rm(treeOf(id), { recursive: true, force: true })
    },
    async check(_, { signal }) {
      signal?.throwIfAborted()
      return []
    },
  }
}

async function copy(from: string, to: string, instead: readonly Instead[] = []): Promise<void> {
  const exclude = instead.flatMap(({ without }) => without)
  await cp(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    filter: path => !exclude.some(left => path === join(from, left)),
  })
  for (const { path, file } of instead) await cp(file, join(to, path), { preserveTimestamps: true })
}

async function sizeOf(tree: string): Promise<number> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true })
  const files = entries.filter(entry => entry.isFile())
  const sizes = await Promise.all(
    files.map(async file => (await stat(join(file.parentPath, file.name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}

const unknown = (place: Place, id: string): Failure =>
  new Failure('snapshot.unknown', `there is no snapshot ${id} at ${place.name}`, {
    why: 'it was forgotten, or never kept here',
    fix: 'list what is kept there',
  })
