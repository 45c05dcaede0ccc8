import type { AppConfig, MigrationsConfig, MigrationTool } from '../../config/config.ts'
import type { Source } from '../../kernel/source.ts'

/** Where a repository keeps its migrations, and by which tool. */
export interface MigrationPlace {
  tool: MigrationTool
  /** Path in the source. */
  folder: string
  /** Folders whose files may say how the tool is set up. */
  roots: readonly string[]
  config: Pick<AppConfig, 'release'> & { migrations?: MigrationsConfig | undefined }
  source: Source
}

/** Port: runs a query on the app's database as its owner, and returns the rows. */
export type Query = (
  text: string,
  values?: readonly unknown[],
) => Promise<ReadonlyArray<Record<string, unknown>>>
