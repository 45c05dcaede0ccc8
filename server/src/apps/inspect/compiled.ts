import type { PackageFacts } from './facts.ts'
import { unfold } from './scripts.ts'
import { join, under } from './tree.ts'

/** Compilers that keep the folders of the sources below the output. Bundlers write one file where they are told. */
const KEEPS = /\b(?:tsc|nest build)\b/

const keepsFolders = (pkg: PackageFacts): boolean =>
  Object.entries(pkg.scripts).some(
    ([name, line]) => name.startsWith('build') && KEEPS.test(unfold(line, pkg.scripts)),
  ) && !pkg.typescript?.bundles

/** Files that the compiler takes in, from the folder of the package. */
function sources(pkg: PackageFacts): string[] {
  const { include, exclude, outDir } = pkg.typescript!
  const own = pkg.files.map(path => (pkg.folder === '.' ? path : path.slice(pkg.folder.length + 1)))
  const matches = (path: string, pattern: string): boolean => {
    const plain = pattern.replace(/^\.\//, '').replace(/\/?(?:\*\*\/?\*?|\*)?$/, '')
    if (!/[*?]/.test(plain)) return plain === '' || under(plain, path)
    const glob = pattern
      .replaceAll(/[.+^$(){}|[\]\\]/g, '\\$&')
      .replaceAll(/\*\*\/?/g, '\u0001')
      .replaceAll('*', '[^/]*')
      .replaceAll('\u0001', '(?:.*/)?')
    return new RegExp(`^${glob}$`).test(path)
  }
  return own.filter(
    path =>
      /\.[cm]?tsx?$/.test(path) &&
      !/\.d\.[cm]?ts$/.test(path) &&
      !(outDir !== null && under(outDir, path)) &&
      (include === null || include.some(pattern => matches(path, pattern))) &&
      !exclude.some(pattern => matches(path, pattern)),
  )
}

/** The folder that all sources have in common: what the compiler takes off their paths. `by`: a file that makes it wider than the others would. */
function commonRoot(pkg: PackageFacts): { root: string; by: string | null } {
  const all = sources(pkg)
  const folders = all.map(path => path.split('/').slice(0, -1))
  let root = folders[0] ?? []
  for (const folder of folders) root = root.slice(0, root.findIndex((part, n) => folder[n] !== part) >>> 0)
  const main = all.find(path => path.startsWith('src/'))
  const by =
    main === undefined || root[0] === 'src' ? null : (all.find(path => !path.startsWith('src/')) ?? null)
  return { root: root.join('/') || '.', by }
}

/** Where the compiler puts what a path in its output was meant to be; null: there, or nobody knows. */
export function putElsewhere(pkg: PackageFacts, entry: string): { entry: string; by: string } | null {
  const { outDir, rootDir } = pkg.typescript ?? { outDir: null, rootDir: null }
  if (pkg.typescript === null || rootDir !== null || !keepsFolders(pkg)) return null
  const out = outDir ?? 'dist'
  if (!under(out, join(entry))) return null
  const { root, by } = commonRoot(pkg)
  if (by === null) return null
  const stem = join(entry)
    .slice(out.length + 1)
    .replace(/\.[cm]?js$/, '')
  const source = [stem, `src/${stem}`].find(path =>
    sources(pkg).some(own => own.replace(/\.[cm]?tsx?$/, '') === path),
  )
  if (source === undefined) return null
  const inner = root === '.' ? source : source.slice(root.length + 1)
  const ending = /\.[cm]?js$/.exec(entry)?.[0] ?? ''
  const right = join(out, inner) + ending
  return right === join(entry) ? null : { entry: right, by }
}
