import { open, rename } from 'node:fs/promises'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec, start } from './exec.ts'
import { exists, removeTree } from './files.ts'

/** Folders in which programs keep what they can make again. They belong to no build. */
const CACHES = ['*/node_modules/.cache', '*/node_modules/.vite', '*/.next/cache']
const LONGEST_MS = 120_000
/** What `sort` and `comm` must agree on. */
const ENV = { LC_ALL: 'C' }

/**
 * Writes down the names, kinds, sizes, times, modes and owners of all files of a tree. No file is opened, and no link
 * followed. Failure `release.seal`.
 */
export async function seal(tree: string, list: string): Promise<void> {
  await write(tree, `${list}.half`)
  await rename(`${list}.half`, list)
}

/**
 * The path of a file that was sealed and is not as it was any more; null: all are. What was added since says nothing:
 * frameworks keep pages that they made for visitors among the built files. A tree without a seal is `.`, as one that is gone.
 * Failure `release.seal`.
 */
export async function broken(tree: string, list: string): Promise<string | null> {
  if (!(await exists(list)) || !(await exists(tree))) return '.'
  const now = `${list}.now`
  try {
    await write(tree, now)
    const argv = ['comm', '-z', '-23', list, now]
    const { code, stdout, tail } = await exec({ argv, env: ENV, timeoutMs: LONGEST_MS, mostOutput: 8_192 })
    if (code !== 0) throw unlisted(tree, tail)
    const [line = ''] = stdout.split('\0')
    return line === '' ? null : line.split('//')[0]!
  } finally {
    await removeTree(now)
  }
}

async function write(tree: string, list: string): Promise<void> {
  const caches = CACHES.flatMap((path, n) => [...(n === 0 ? [] : ['-o']), '-path', path])
  // Two slashes end the path: no path has them. A folder's own time changes with what is added to it.
  const folders = ['-type', 'd', '-printf', '%P//d %m %U\\0']
  const others = ['-printf', '%P//%y %s %T@ %m %U %l\\0']
  const find = ['find', tree, '-xdev', '(', ...caches, ')', '-prune', '-o', ...folders, '-o', ...others]
  const file = await open(list, 'w', 0o600)
  try {
    const { finished } = await start({ argv: find, timeoutMs: LONGEST_MS }, { stdout: file.fd })
    const found = await finished
    if (found.code !== 0) throw unlisted(tree, found.tail)
  } finally {
    await file.close()
  }
  const sorted = await exec({ argv: ['sort', '-z', '-o', list, list], env: ENV, timeoutMs: LONGEST_MS })
  if (sorted.code !== 0) throw unlisted(tree, sorted.tail)
}

const unlisted = (tree: string, tail: string): Failure =>
  new Failure('release.seal', `the files in ${tree} could not be listed`, {
    why: telling(tail),
    fix: 'see that the disk has room (`df -h`); `inn deploy --fresh` looks at no earlier files',
  })
