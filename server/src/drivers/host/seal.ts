import { createHash } from 'node:crypto'
import { Writable } from 'node:stream'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { start } from './exec.ts'

/** Folders in which programs keep what they can make again, also while an app runs. They belong to no build. */
const CACHES = ['*/node_modules/.cache', '*/node_modules/.vite', '*/.next/cache']
const LONGEST_MS = 120_000

/**
 * A digest of the names, kinds, sizes, times, modes and owners of all files of a tree, caches apart. A file that is
 * written, added or taken away changes it. No file is opened, and no link followed.
 */
export async function sealOf(tree: string): Promise<string> {
  const hash = createHash('sha256')
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      hash.update(chunk)
      done()
    },
  })
  const caches = CACHES.flatMap((path, n) => [...(n === 0 ? [] : ['-o']), '-path', path])
  // A folder's own time changes with the caches in it; what is added or taken away shows by itself.
  const folders = ['-type', 'd', '-printf', '%P d %m %U\\n']
  const others = ['-printf', '%P %y %s %T@ %m %U %l\\n']
  const argv = ['find', tree, '-xdev', '(', ...caches, ')', '-prune', '-o', ...folders, '-o', ...others]
  const { finished } = await start({ argv, timeoutMs: LONGEST_MS }, { stdout })
  const done = await finished
  if (done.code === 0) return hash.digest('hex')
  throw new Failure('release.seal', `the files in ${tree} could not be listed`, {
    why: telling(done.tail),
    fix: '`inn deploy --fresh` builds them anew',
  })
}
