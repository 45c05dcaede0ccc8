import { open, rename } from 'node:fs/promises'
import { CACHES, type Compared, type Sealed } from '../../apps/releases/sealed.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec, start } from './exec.ts'
import { exists, removeTree } from './files.ts'

const LONGEST_MS = 120_000
/** What `sort` and `comm` must agree on. */
const ENV = { LC_ALL: 'C' }

/** More than this, and what was added is not counted up. */
const MOST_ADDED = 512 * 1024

/**
 * Writes down the names, kinds, sizes and times of all files of a tree, whether they can be run, and the modes and owners
 * of its folders; or of its installed packages alone.
 * No file is opened, and no link followed. Failure `release.seal`.
 */
export async function seal(tree: string, list: string, of: Sealed = 'all'): Promise<void> {
  await write(tree, `${list}.half`, of)
  await rename(`${list}.half`, list)
}

/** What became of sealed files. A tree that is gone, or was never sealed, has lost `.`. Failure `release.seal`. */
export async function compare(tree: string, list: string, of: Sealed = 'all'): Promise<Compared> {
  if (!(await exists(list)) || !(await exists(tree))) return { lost: '.', added: null }
  const now = `${list}.now`
  try {
    await write(tree, now, of)
    const lost = await lines(tree, ['-23', list, now], 8_192)
    const added = of !== 'packages' ? [] : await lines(tree, ['-13', list, now], MOST_ADDED)
    return { lost: lost === null ? '.' : (lost[0] ?? null), added }
  } finally {
    await removeTree(now)
  }
}

/** A file of a list. */
export interface Entry {
  path: string
  /** Its line, without who owns it. */
  line: string
  /** Where a link leads to; empty: it is none. */
  leads: string
}

/** The files of a list, as `write` puts them. */
export const entriesOf = (list: string): Entry[] =>
  list
    .split('\0')
    .filter(line => line !== '')
    .map(line => {
      const [path, ...rest] = line.split('//')
      const said = rest.join('//')
      const shown = said.startsWith('d ') ? said.split(' ').slice(0, 2).join(' ') : said
      const leads = said.startsWith('l ') ? said.split(' ').slice(4).join(' ') : ''
      return { path: path!, line: `${path}//${shown}`, leads }
    })

/** Paths of the lines that `comm` prints; null: more than fit. */
async function lines(tree: string, args: readonly string[], most: number): Promise<string[] | null> {
  const argv = ['comm', '-z', ...args]
  const { code, stdout, tail } = await exec({ argv, env: ENV, timeoutMs: LONGEST_MS, mostOutput: most })
  if (code !== 0) throw unlisted(tree, tail)
  const all = stdout.split('\0').slice(0, -1)
  const paths = all.map(line => line.split('//')[0]!)
  return args[0] === '-13' && stdout.length >= most ? null : paths
}

async function write(tree: string, list: string, of: Sealed): Promise<void> {
  const left = of === 'everything' ? [] : CACHES
  const caches = ['-false', ...left.flatMap(path => ['-o', '-path', `*/${path}`])]
  const others =
    of !== 'packages' ? [] : ['-not', '-path', '*/node_modules', '-not', '-path', '*/node_modules/*', '-o']
  // Two slashes end the path: no path has them. A folder's own time changes with what is added to it.
  const folder = ['-type', 'd', '-printf', '%P//d %m %U\\0']
  // Not who owns a file, nor who may write to it: that changes when it is stored once for two releases.
  const file = (runs: string) => ['-printf', `%P//%y ${runs} %s %T@ %l\\0`]
  const argv = [
    'find',
    tree,
    '-xdev',
    '(',
    ...caches,
    ')',
    '-prune',
    '-o',
    ...others,
    ...folder,
    '-o',
    ...['-perm', '/100'],
    ...file('x'),
    '-o',
    ...file('-'),
  ]
  // Nothing that stands there is written to, whatever it leads to.
  await removeTree(list)
  const to = await open(list, 'wx', 0o600)
  try {
    const { finished } = await start({ argv, timeoutMs: LONGEST_MS }, { stdout: to.fd })
    const found = await finished
    if (found.code !== 0) throw unlisted(tree, found.tail)
  } finally {
    await to.close()
  }
  const sorted = await exec({ argv: ['sort', '-z', '-o', list, list], env: ENV, timeoutMs: LONGEST_MS })
  if (sorted.code !== 0) throw unlisted(tree, sorted.tail)
}

const unlisted = (tree: string, tail: string): Failure =>
  new Failure('release.seal', `the files in ${tree} could not be listed`, {
    why: telling(tail),
    fix: 'see that the disk has room (`df -h`); `inn deploy --fresh` looks at no earlier files',
  })
