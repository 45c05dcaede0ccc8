import type { Source } from '../../kernel/source.ts'

/** What an uploaded source says before it is unpacked. */
export interface Upload {
  paths: readonly string[]
  texts: Readonly<Record<string, string>>
  /** Whether all texts that fit were read; else there are more of them than is read. */
  complete: boolean
}

/** Files that say what the migrations of a source are: SQL, and the files in which tools are set up. */
export const MIGRATION_FILES =
  '\\.sql$|(^|/)(package|_journal|[\\w.-]*(config|knexfile|data-?source|orm|sequelize|umzug|kysely|dbmate|node-pg-migrate|database)[\\w.-]*)\\.([cm]?[jt]s|json|ya?ml)$|(^|/)\\.dbmate$|(^|/)\\.node-pg-migraterc\\.json$'

/** An uploaded source, to be read as a folder is. */
export function sourceOf({ paths, texts }: Upload): Source {
  const folders = new Map<string, Set<string>>()
  for (const path of paths) {
    const parts = path.split('/')
    for (let n = 0; n < parts.length; n++) {
      const folder = parts.slice(0, n).join('/')
      folders.set(folder, (folders.get(folder) ?? new Set()).add(parts[n]!))
    }
  }
  const files = new Set(paths)
  const at = (path: string): string =>
    path
      .split('/')
      .filter(part => part !== '.' && part !== '')
      .join('/')
  return {
    text: async path => texts[at(path)] ?? null,
    has: async path => files.has(at(path)) || folders.has(at(path)),
    names: async path => {
      const names = folders.get(at(path))
      return names === undefined ? null : [...names].sort()
    },
  }
}
