import { createHash } from 'node:crypto'
import { readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, gzip } from 'node:zlib'
import type { PageFiles, StatusPages } from '../../reach/edge/edge.ts'
import { makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { PAGES_FOLDER } from './status-page.ts'

const NEWEST = 'current'

/** Writes the files of status pages where the edge of this home serves them. */
export function statusPages(home: string): StatusPages {
  const all = join(home, 'edge', PAGES_FOLDER)
  return {
    async publish(site, files) {
      const root = join(all, site)
      for (const folder of [all, root]) await makeFolder(folder, 0o755)
      const name = digestOf(files)
      const before = await newest(root)
      if (before === name) return
      await clear(root, before)
      await makeFolder(join(root, name), 0o755)
      for (const [file, text] of Object.entries(files)) await written(join(root, name, file), text)
      const link = join(root, '.link')
      await rm(link, { force: true })
      await symlink(name, link)
      // A request that is under way may still look for what it found a moment ago, so that one is kept until the next time.
      await rename(link, join(root, NEWEST))
    },
    async published() {
      return readdir(all).catch(absent)
    },
    remove: site => removeTree(join(all, site)),
  }
}

const newest = (root: string): Promise<string | null> => readlink(join(root, NEWEST)).catch(() => null)

/** Removes what is neither served nor was just served, such as what a keeper left that died while it wrote. */
async function clear(root: string, kept: string | null): Promise<void> {
  for (const name of await readdir(root).catch(absent))
    if (name !== NEWEST && name !== kept) await removeTree(join(root, name))
}

/** A file with its compressed forms, which nginx takes by itself. */
async function written(path: string, text: string): Promise<void> {
  await writeDurable(path, text, 0o644)
  await writeDurable(`${path}.gz`, await promisify(gzip)(text), 0o644)
  await writeDurable(`${path}.br`, await promisify(brotliCompress)(text), 0o644)
}

const digestOf = (files: PageFiles): string =>
  createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 20)

function absent(error: NodeJS.ErrnoException): string[] {
  if (error.code === 'ENOENT') return []
  throw error
}
