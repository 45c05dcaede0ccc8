import type { Source } from './source.ts'

/** A source of these files alone: path → text, or how the text is read. Nothing else exists in it. */
export function heldSource(
  files: Readonly<Record<string, string>> | ReadonlyArray<string>,
  read?: (path: string) => Promise<string | null>,
): Source {
  const texts = Array.isArray(files) ? null : (files as Readonly<Record<string, string>>)
  const folders = new Map<string, Set<string>>([['.', new Set()]])
  const all = new Set(texts === null ? (files as string[]) : Object.keys(texts))
  for (const path of all) {
    const parts = path.split('/')
    for (let n = 0; n < parts.length; n++) {
      const above = n === 0 ? '.' : parts.slice(0, n).join('/')
      folders.set(above, (folders.get(above) ?? new Set()).add(parts[n]!))
    }
  }
  const plain = (path: string): string => path.replace(/^(?:\.\/)+|\/+$/g, '') || '.'
  return {
    async text(path) {
      const at = plain(path)
      if (!all.has(at)) return null
      return texts === null ? (read?.(at) ?? null) : texts[at]!
    },
    has: async path => all.has(plain(path)) || folders.has(plain(path)),
    async names(path) {
      const found = folders.get(plain(path))
      return found === undefined ? null : [...found]
    },
  }
}
