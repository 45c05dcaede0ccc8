import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Failure } from '../../kernel/failure.ts'
import { holdsSecrets, type Tree } from './tree.ts'

const MOST_FILES = 3_000
const LARGEST = 256 * 1024
/** Most bytes that are read in all, so that a repository with many medium-sized files does not take a minute. */
const MOST_BYTES = 48 * 1024 * 1024

const SKIP = new Set(['node_modules', 'coverage', '__pycache__', 'vendor', 'tmp'])
/** Hidden folders that are read: those of CI. The others belong to caches and editors. */
const HIDDEN = new Set(['.github', '.circleci'])
const entered = (name: string): boolean => (name.startsWith('.') ? HIDDEN.has(name) : !SKIP.has(name))

/** Folders that builds write. Without a package.json beside it such a folder is a source: a committed static site. */
const BUILT = new Set(['dist', 'build', 'out'])

/** A folder on this machine. Symbolic links are not followed: they may dangle, loop or lead out of it. */
export async function openFolder(root: string): Promise<Tree> {
  const there = await stat(root).catch(() => null)
  if (there?.isDirectory() !== true) {
    throw new Failure('init.no-folder', 'there is no such folder', {
      why: `${root} is not a folder`,
      fix: '`inn init FOLDER`, with the folder of a repository',
    })
  }
  let listed: Promise<{ paths: string[]; complete: boolean }> | null = null
  let bytes = 0
  return {
    list() {
      listed ??= walk(root)
      return listed
    },
    async read(path) {
      if (holdsSecrets(path) || bytes > MOST_BYTES) return null
      const full = join(root, path)
      const size = await stat(full).then(
        s => s.size,
        () => Infinity,
      )
      if (size > LARGEST) return null
      const text = await readFile(full, 'utf8').catch(() => null)
      if (text === null || text.includes('\0') || text.startsWith('version https://git-lfs')) return null
      bytes += size
      return text.replace(/^\uFEFF/, '')
    },
  }
}

/** Lists paths level by level, so that the bound cuts off what is deep and not what is late in the alphabet. */
async function walk(root: string): Promise<{ paths: string[]; complete: boolean }> {
  const paths: string[] = []
  let level = ['']
  while (level.length > 0) {
    const next: string[] = []
    for (const folder of level) {
      const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(() => [])
      const isPackage = entries.some(e => e.name === 'package.json')
      for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory() && entered(entry.name) && !(isPackage && BUILT.has(entry.name)))
          next.push(path)
        if (!entry.isFile()) continue
        if (paths.length === MOST_FILES) return { paths: paths.sort(), complete: false }
        paths.push(path)
      }
    }
    level = next
  }
  return { paths: paths.sort(), complete: true }
}
