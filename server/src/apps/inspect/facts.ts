import type { Script } from './scripts.ts'

/** A file of the repository, with its whole text. */
export interface SourceFile {
  path: string
  text: string
}

export type Manager = 'npm' | 'pnpm' | 'yarn'

/** A value found, and the file that says so. */
export interface Found<T> {
  value: T
  from: string
}

/** A name that the sources read from the environment. */
export interface EnvUse {
  name: string
  file: string
  /** Read without a default or a test: without a value the program goes wrong. */
  needed: boolean
}

/** A name of .env.example and the value it shows. */
export interface EnvExample {
  name: string
  value: string
  file: string
  commented: boolean
}

export interface HealthRoute {
  path: string
  file: string
  /** What the body says when all is well, as the source shows it. */
  expect: { path: string; equals: string | boolean } | { text: string } | null
  /** The path was put together from a router and the place where it may be mounted. */
  guessed: boolean
}

/** A folder with a vite.config or an index.html that is built into files. */
export interface SiteFacts {
  folder: string
  /** Where the build puts its files, from the root of the repository. */
  out: string
  tool: string
}

/** What the sources of one package do. */
export interface SourceFacts {
  listens: boolean
  /** First segments of the paths that it answers, and those that a development proxy sends to it. */
  prefixes: string[]
  /** From the proxy of a frontend's development server. */
  proxied: string[]
  /** Prefixes that the proxy takes off before the backend sees them. */
  stripped: string[]
  globalPrefix: string | null
  servesSite: Found<true> | null
  uploads: Found<string>[]
  env: EnvUse[]
  health: HealthRoute[]
}

export interface PackageFacts {
  folder: string
  name: string
  dependencies: ReadonlySet<string>
  devDependencies: ReadonlySet<string>
  scripts: Readonly<Record<string, string>>
  main: string | null
  manager: Manager
  /** Folder of the lockfile that its install uses; null when there is none. */
  lockfile: string | null
  node: Found<number> | null
  frontends: string[]
  backends: string[]
  bots: string[]
  queues: string[]
  typescript: { outDir: string | null; rootDir: string | null } | null
  /** Names of packages of this repository that it depends on, in the order in which they build. */
  internal: string[]
  sites: SiteFacts[]
  next: { output: 'standalone' | 'export' | null } | null
  sveltekitAdapter: string | null
  astro: 'static' | 'server' | null
  starts: Script[]
  files: string[]
  sources: SourceFacts
}

export interface DatabaseFacts {
  kind: 'postgres' | 'mysql' | 'mongodb' | 'sqlite' | 'redis'
  by: string
  folder: string
}

export type MigrationKind =
  | 'prisma'
  | 'drizzle'
  | 'knex'
  | 'node-pg-migrate'
  | 'typeorm'
  | 'sequelize'
  | 'mikro-orm'
  | 'sql'

export interface MigrationFacts {
  kind: MigrationKind
  /** Folder of the package that has the tool. */
  folder: string
  /** Folder of the migration files, from the root of the repository; null when there are none yet. */
  files: string | null
  /** The tool's own configuration or schema, from the root of the repository. */
  config: string | null
  /** A script of the package that migrates. */
  script: string | null
  /** Only a push of the schema, without versioned files. */
  pushOnly: boolean
}

export interface Facts {
  folderName: string
  files: number
  complete: boolean
  broken: Array<{ path: string; why: string }>
  packages: PackageFacts[]
  languages: string[]
  tools: string[]
  workspaces: Found<string> | null
  databases: DatabaseFacts[]
  migrations: MigrationFacts[]
  envExamples: EnvExample[]
  envFiles: string[]
  dockerfiles: string[]
  compose: string[]
  workflows: string[]
  nginx: Array<{ path: string; locations: string[] }>
}
