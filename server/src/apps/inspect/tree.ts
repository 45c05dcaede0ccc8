/** The port to a repository: which files there are, and the text of some of them. */
export interface Tree {
  /** Paths from the root, with `/`, sorted. `complete`: false when the bound cut some off. */
  list(): Promise<{ paths: string[]; complete: boolean }>
  /** The text of a file; null when it is too large, not text, a Git LFS pointer, or gone. */
  read(path: string): Promise<string | null>
}

/** Whether a file may hold real secrets. Its name may be shown, its text is never read. */
export const holdsSecrets = (path: string): boolean =>
  /(^|\/)\.env(\.|$)/.test(path) && !/\.(example|sample|template|dist|defaults?)$/.test(path)

export const folderOf = (path: string): string =>
  path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** `apps/web` + `../api/x` → `apps/api/x`. A path never leaves the root. */
export function join(...parts: readonly string[]): string {
  const out: string[] = []
  for (const part of parts.join('/').split('/')) {
    if (part === '..') out.pop()
    else if (part !== '' && part !== '.') out.push(part)
  }
  return out.length === 0 ? '.' : out.join('/')
}

/** The way from one folder to a path: `apps/web` → `packages/db/x` is `../../packages/db/x`. */
export function relative(from: string, to: string): string {
  const a = from === '.' ? [] : from.split('/')
  const b = to === '.' ? [] : to.split('/')
  let same = 0
  while (same < a.length && same < b.length && a[same] === b[same]) same++
  return [...a.slice(same).map(() => '..'), ...b.slice(same)].join('/') || '.'
}

export const under = (folder: string, path: string): boolean =>
  folder === '.' || path === folder || path.startsWith(`${folder}/`)
