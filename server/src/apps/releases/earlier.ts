import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { showSize } from '../../kernel/sizes.ts'
import type { Install } from './install.ts'
import { CACHES, type Seals } from './sealed.ts'

/** A release that was built before, whose files are still there. */
export interface Earlier {
  id: string
  /** The folder of the release, and its tree. */
  at: string
  tree: string
}

export interface EarlierPorts {
  files: Seals & {
    exists(path: string): Promise<boolean>
    folder(path: string, mode: number): Promise<void>
    write(path: string, content: string): Promise<void>
    size(path: string): Promise<number>
    packagesDigest(archive: string, folder: string): Promise<string>
  }
}

export interface EarlierOrder {
  /** Newest first; none where all is to be made anew. */
  earlier: readonly Earlier[]
  at: string
  say: (line: string) => void
}

/** Runs a program as the app, in the tree of the release, with this text for standard input. */
export type RunAsApp = (
  argv: readonly string[],
  cwd: string,
  input?: string,
) => Promise<{ ok: boolean; stdout: string }>

/** What build tools keep between builds, by what they say of it themselves: each of them may be gone at any time. */
const KEPT = [...CACHES, '.turbo', '.nx/cache', '.parcel-cache', '.angular/cache']
/** A cache that has grown beyond this begins anew. */
const LARGEST_CACHE = 1024 ** 3

/** Where a release lists the packages that were installed in a folder, from what the key says. */
function listOf(at: string, folder: string, key: string): string {
  const name = createHash('sha256')
    .update(JSON.stringify([folder, key]))
    .digest('hex')
  return join(at, 'installed', name.slice(0, 32))
}

/** Everything that an install sees. */
export const installKey = (sees: {
  packages: string
  install: Install
  command: readonly string[]
  env: Readonly<Record<string, string>>
  node: number
  toolchain: string
}): string => createHash('sha256').update(JSON.stringify(sees)).digest('hex')

/** Notes what was installed, so that a later release can take it over. */
export async function noteInstalled(
  { files }: EarlierPorts,
  { at, tree }: { at: string; tree: string },
  { folder, key }: { folder: string; key: string },
): Promise<void> {
  await files.folder(join(at, 'installed'), 0o700)
  await files.seal(join(tree, folder), listOf(at, folder, key), 'packages')
}

/**
 * Copies the packages of an earlier release that were installed from the same, as they were then. They are files of
 * their own: what one release writes to its packages, no other one sees. Returns that release; null: there is none, and
 * the package manager has to install.
 */
export async function takeInstalled(
  ports: EarlierPorts,
  run: RunAsApp,
  order: EarlierOrder & { tree: string },
  { folder, key }: { folder: string; key: string },
): Promise<string | null> {
  for (const one of order.earlier) {
    const list = listOf(one.at, folder, key)
    if (!(await ports.files.exists(list))) continue
    const from = join(one.tree, folder)
    const { lost, added } = await ports.files.compare(from, list, 'packages')
    if (lost !== null || added === null) continue
    // Builds make such folders too, as Next.js does for its standalone server.
    const folders = (await packageFolders(run, from, join(order.tree, folder))).filter(
      path => !added.includes(path),
    )
    if (
      folders.length > 0 &&
      (await copied(run, { one, from, to: join(order.tree, folder), folders, added }))
    )
      return one.id
  }
  return null
}

/** The topmost folders of packages, relative to `from`. */
async function packageFolders(run: RunAsApp, from: string, cwd: string): Promise<string[]> {
  const found = await run(
    ['find', from, '-name', 'node_modules', '-type', 'd', '-prune', '-printf', '%P\\0'],
    cwd,
  )
  return found.ok ? found.stdout.split('\0').filter(path => path !== '') : []
}

interface Copying {
  one: Earlier
  from: string
  to: string
  folders: readonly string[]
  added: readonly string[]
}

async function copied(run: RunAsApp, { one, from, to, folders, added }: Copying): Promise<boolean> {
  const after = added.filter(path => folders.some(folder => path.startsWith(`${folder}/`)))
  const good = await (async () => {
    for (const path of folders) {
      const argv = ['cp', '-a', '--reflink=auto', '-T', join(from, path), join(to, path)]
      if (!(await run(argv, to)).ok) return false
    }
    // What came after the install is not of it.
    if (after.length > 0 && !(await run(['xargs', '-0', 'rm', '-rf', '--'], to, after.join('\0'))).ok)
      return false
    // A package that wrote down where it lies would lead to the files of the other release.
    const own = await run(['grep', '-rlFIs', '-m', '1', '--', `${one.tree}/`, ...folders], to)
    return own.stdout.trim() === ''
  })()
  if (!good) await run(['rm', '-rf', '--', ...folders], to)
  return good
}

/** Under its name a cache is whole, also when the copying was cut before. */
async function bringWhole(run: RunAsApp, from: string, to: string, cwd: string): Promise<void> {
  const half = `${to}.half`
  await run(['rm', '-rf', '--', half], cwd)
  await run(['mkdir', '-p', '--', join(to, '..')], cwd)
  const { ok } = await run(['cp', '-a', '--reflink=auto', '-T', from, half], cwd)
  await run(ok ? ['mv', '-T', '--', half, to] : ['rm', '-rf', '--', half], cwd)
}

/** Brings what build tools kept in the newest earlier release, for a service below `root` of the tree. */
export async function bringCaches(
  { files }: EarlierPorts,
  run: RunAsApp,
  order: EarlierOrder & { tree: string },
  root: string,
): Promise<void> {
  const [newest] = order.earlier
  if (newest === undefined) return
  const to = join(order.tree, root)
  for (const path of KEPT) {
    const from = join(newest.tree, root, path)
    if (!(await files.exists(from)) || (await files.exists(join(to, path)))) continue
    const size = await files.size(from)
    if (size > LARGEST_CACHE) {
      order.say(`${path} of ${newest.id} has ${showSize(size)}: the build begins without it`)
      continue
    }
    await bringWhole(run, from, join(to, path), to)
  }
}
