import type { Foreign } from './elsewhere/foreign.ts'
import type { Script } from './scripts.ts'

/** A file of the repository, with its whole text. */
export interface SourceFile {
  path: string
  text: string
}

export type Manager = 'npm' | 'pnpm' | 'yarn'

/** A value, and the file in which it was found. */
export interface Found<T> {
  value: T
  from: string
}

/** An environment variable that the sources read. */
export interface EnvUse {
  name: string
  file: string
  /** It is read without a default or a test, so the program fails when it is not set. */
  needed: boolean
  /** Its default in the code is this address of the machine itself. */
  local?: string
}

/** A variable in .env.example, and its value there. */
export interface EnvExample {
  name: string
  value: string
  file: string
  commented: boolean
}

export interface HealthRoute {
  path: string
  file: string
  /** What the body of a healthy answer contains, as the source shows it; null: the source does not show it. */
  expect: { path: string; equals: string | boolean } | { text: string } | null
  /** The path was put together from a router and the place where it is probably mounted. */
  guessed: boolean
}

/** A folder with a vite.config or an index.html that is built into files. */
export interface SiteFacts {
  folder: string
  /** Folder of the build's output, from the root of the repository. */
  out: string
  tool: string
}

/** What the sources of one package do. */
export interface SourceFacts {
  listens: boolean
  /** First segments of the paths that it answers. */
  prefixes: string[]
  /** First segments of the paths that a frontend's development server proxies to the backend. */
  proxied: string[]
  /** Prefixes that this proxy removes before the backend sees the path. */
  stripped: string[]
  globalPrefix: string | null
  servesSite: Found<true> | null
  uploads: Found<string>[]
  env: EnvUse[]
  health: HealthRoute[]
  /** A port that stands in the code, where no variable says another. */
  fixedPort: Found<number> | null
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
  /** Lockfiles of several managers in that folder, when nothing says which one counts. */
  rivals: string[]
  node: Found<number> | null
  frontends: string[]
  backends: string[]
  bots: string[]
  queues: string[]
  typescript: TypeScriptFacts | null
  /** What the CMD of its Dockerfile runs, when that is a file of Node.js. */
  docker: Found<string> | null
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

export interface TypeScriptFacts {
  outDir: string | null
  rootDir: string | null
  include: string[] | null
  exclude: string[]
  /** Something else than the compiler writes the output: it may lay it out as it likes. */
  bundles: boolean
}

export type MigrationKind =
  | 'prisma'
  | 'drizzle'
  | 'knex'
  | 'node-pg-migrate'
  | 'typeorm'
  | 'sequelize'
  | 'mikro-orm'
  | 'lucid'
  | 'payload'
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
  /** Variables that the tool's configuration asks for whenever it is loaded, a build included. */
  asks: string[]
  /** The tool only pushes the schema; there are no versioned migrations. */
  pushOnly: boolean
}

export interface NginxLocation {
  prefix: string
  /** Where its requests go: a name of an upstream, or host and port. */
  to: string
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
  /** What files of other platforms say. */
  elsewhere: Foreign[]
  nginx: Array<{ path: string; locations: NginxLocation[] }>
}
