import type { SourceFile } from './facts.ts'

/** Names of folders in which people keep what no longer runs, or never did. */
const SUSPECT =
  /^(?:archived?|_?old|legacy|deprecated|unused|obsolete|attic|graveyard|trash|bak|backups?|sandbox|playground|samples?|demos?)$/i

/** Whether a path lies in a folder whose name says that it is put aside. Of such folders a package.json is no service. */
export const putAside = (path: string): boolean =>
  path
    .split('/')
    .slice(0, -1)
    .some(part => /^(?:archived?|deprecated|unused|obsolete|attic|graveyard|trash)$/i.test(part))

/** The suspect folder that a file lies in, from the root; null: it lies in none. */
function suspectOf(path: string): string | null {
  const parts = path.split('/')
  const at = parts.slice(0, -1).findIndex(part => SUSPECT.test(part))
  return at < 0 ? null : parts.slice(0, at + 1).join('/')
}

/** The files without those of suspect folders that no other file imports: a `backup/` may be what makes backups. */
export function alive(files: readonly SourceFile[]): SourceFile[] {
  const folders = new Set(files.flatMap(file => suspectOf(file.path) ?? []))
  const dead = [...folders].filter(folder => {
    const name = folder.slice(folder.lastIndexOf('/') + 1)
    const imports = new RegExp(
      `(?:from|require\\(|import\\(?)\\s*['"\`][^'"\`\\n]*(?:^|[/@])${name}(?:/|['"\`])`,
    )
    return !files.some(file => suspectOf(file.path) !== folder && imports.test(file.text))
  })
  return files.filter(file => !dead.includes(suspectOf(file.path) ?? ''))
}
