import type { DatabaseFacts, EnvUse, MigrationFacts, MigrationKind } from './facts.ts'
import { folderOf, join, nameOf, type Tree, under } from './tree.ts'

interface Look {
  folder: string
  has: ReadonlySet<string>
  scripts: Readonly<Record<string, string>>
  /** Files that belong to the package. */
  files: readonly string[]
  /** Variables that its sources read. */
  env: readonly EnvUse[]
}

const CLIENTS: ReadonlyArray<[string, DatabaseFacts['kind']]> = [
  ['pg', 'postgres'],
  ['postgres', 'postgres'],
  ['pg-promise', 'postgres'],
  ['slonik', 'postgres'],
  ['@neondatabase/serverless', 'postgres'],
  ['@mikro-orm/postgresql', 'postgres'],
  ['pg-boss', 'postgres'],
  ['graphile-worker', 'postgres'],
  ['@vercel/postgres', 'postgres'],
  ['@payloadcms/db-postgres', 'postgres'],
  ['mysql', 'mysql'],
  ['mysql2', 'mysql'],
  ['mariadb', 'mysql'],
  ['mongoose', 'mongodb'],
  ['mongodb', 'mongodb'],
  ['@payloadcms/db-mongodb', 'mongodb'],
  ['better-sqlite3', 'sqlite'],
  ['sqlite3', 'sqlite'],
  ['sqlite', 'sqlite'],
  ['@libsql/client', 'sqlite'],
  ['@payloadcms/db-sqlite', 'sqlite'],
  ['redis', 'redis'],
  ['ioredis', 'redis'],
  ['bullmq', 'redis'],
  ['bull', 'redis'],
  ['bee-queue', 'redis'],
  ['connect-redis', 'redis'],
  ['@adonisjs/redis', 'redis'],
]

/** Names under which a Redis is read, whatever client it is for. Of a database they do not say which kind it is. */
const READS_REDIS = /^REDIS_(?:URL|URI|HOST)$/

/** Databases by the clients that a package depends on, by prisma's provider, and a Redis by the variable that is read. */
export async function databasesOf(tree: Tree, { folder, has, files, env }: Look): Promise<DatabaseFacts[]> {
  const found: DatabaseFacts[] = CLIENTS.filter(([name]) => has.has(name)).map(([by, kind]) => ({
    kind,
    by,
    folder,
  }))
  for (const path of files.filter(isPrismaSchema)) {
    const provider = /datasource\s+\w+\s*\{[^}]*provider\s*=\s*"(\w+)"/.exec(
      (await tree.read(path)) ?? '',
    )?.[1]
    const kind = provider === 'postgresql' || provider === 'postgres' ? 'postgres' : provider
    if (kind === 'postgres' || kind === 'mysql' || kind === 'sqlite' || kind === 'mongodb')
      found.push({ kind, by: `prisma (${path})`, folder })
  }
  const read = env.find(({ name }) => READS_REDIS.test(name))
  if (read !== undefined && !found.some(({ kind }) => kind === 'redis'))
    found.push({ kind: 'redis', by: `${read.file}, which reads ${read.name}`, folder })
  return found
}

const isPrismaSchema = (path: string): boolean =>
  /(?:^|\/)(?:schema\.prisma|prisma\/schema\/[\w-]+\.prisma)$/.test(path)
const MIGRATE_SCRIPT =
  /^(?:db:|database:)?(?:migrate|migrations?)(?::(?:deploy|prod|production|up|run|latest|apply))?$|^(?:db|knex|drizzle):migrate$|^typeorm:migration:run$|^migration:(?:run|up)$/

/** How a package migrates its database. Files of the migration tool say more than scripts in package.json. */
export async function migrationsOf(tree: Tree, look: Look): Promise<MigrationFacts[]> {
  const found: MigrationFacts[] = []
  for (const read of [prisma, drizzle, knex, others]) {
    const facts = await read(tree, look)
    if (facts !== null) found.push(facts)
  }
  if (found.length > 0) return found
  const plain = plainSql(look)
  return plain === null ? [] : [plain]
}

const make = (
  kind: MigrationKind,
  { folder, scripts }: Look,
  more: Partial<MigrationFacts> = {},
): MigrationFacts => ({
  kind,
  folder,
  files: null,
  config: null,
  script: migrateScript(scripts),
  asks: [],
  pushOnly: false,
  ...more,
})

/** The script that migrates: its author knew the details. A script that makes or resets migrations is not meant. */
function migrateScript(scripts: Readonly<Record<string, string>>): string | null {
  const fits = Object.keys(scripts).filter(
    name =>
      MIGRATE_SCRIPT.test(name) &&
      !/migrate dev|\bgenerate\b|reset|\bpush\b|:create|make\b|rollback|\brevert\b/.test(scripts[name]!),
  )
  return fits.sort((a, b) => Number(/prod|deploy/.test(b)) - Number(/prod|deploy/.test(a)))[0] ?? null
}

async function prisma(tree: Tree, look: Look): Promise<MigrationFacts | null> {
  const schema = look.files.find(isPrismaSchema)
  if (schema === undefined) return null
  const config = look.files.find(path => /^prisma\.config\.[cm]?[jt]s$/.test(nameOf(path)))
  const text = config === undefined ? '' : ((await tree.read(config)) ?? '')
  const body = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g, '')
  const named = /\bmigrations\s*:\s*\{[^}]*?\bpath\s*:\s*[^'"`\n]*['"`]([^'"`]+)['"`]/.exec(body)?.[1]
  const usual = join(folderOf(schema.replace(/\/schema\/[\w-]+\.prisma$/, '/schema.prisma')), 'migrations')
  const folder = named === undefined ? usual : join(folderOf(config!), named)
  const versioned = look.files.some(path => under(folder, path) && path.endsWith('migration.sql'))
  // env() of prisma/config throws when the variable is missing; process.env gives nothing, and a build goes on.
  const asks = [...body.matchAll(/(?<![\w.])env\(\s*['"](\w+)['"]\s*\)/g)].map(match => match[1]!)
  return make('prisma', look, {
    files: versioned ? folder : null,
    config: config ?? schema,
    pushOnly: !versioned,
    asks,
  })
}

async function drizzle(tree: Tree, look: Look): Promise<MigrationFacts | null> {
  if (!look.has.has('drizzle-orm') && !look.has.has('drizzle-kit')) return null
  const config = look.files.find(path => /^drizzle\.config\.[cm]?[jt]s$/.test(nameOf(path))) ?? null
  const out = /\bout\s*:\s*['"`]([^'"`]+)['"`]/.exec(
    (config === null ? null : await tree.read(config)) ?? '',
  )?.[1]
  const places = [
    out === undefined ? null : join(config === null ? look.folder : folderOf(config), out),
    ...look.files.filter(p => p.endsWith('meta/_journal.json')).map(p => folderOf(folderOf(p))),
  ]
  const files =
    places.find(place => place !== null && look.files.includes(join(place, 'meta/_journal.json'))) ?? null
  return make('drizzle', look, { files, config, pushOnly: files === null })
}

async function knex(tree: Tree, look: Look): Promise<MigrationFacts | null> {
  if (!look.has.has('knex')) return null
  const config = look.files.find(path => /^knexfile\.[cm]?[jt]s$/.test(nameOf(path))) ?? null
  const body = (config === null ? null : await tree.read(config)) ?? ''
  const named = /migrations\s*:\s*\{[^}]*directory\s*:\s*[^'"`\n]*['"`]([^'"`]+)['"`]/.exec(body)?.[1]
  const folder = join(config === null ? look.folder : folderOf(config), named ?? 'migrations')
  return make('knex', look, { config, files: look.files.some(path => under(folder, path)) ? folder : null })
}

async function others(_tree: Tree, look: Look): Promise<MigrationFacts | null> {
  const { has, folder, files } = look
  const migrations = join(folder, 'migrations')
  const there = files.some(path => under(migrations, path)) ? migrations : null
  if (has.has('@adonisjs/lucid')) return make('lucid', look, { script: null })
  if (has.has('payload') && has.has('@payloadcms/db-postgres')) {
    const own = files.find(path => /(?:^|\/)(?:src\/)?migrations\/\d{8}_[^/]*\.[jt]s$/.test(path))
    return make('payload', look, { script: null, files: own === undefined ? null : folderOf(own) })
  }
  if (has.has('node-pg-migrate')) return make('node-pg-migrate', look, { files: there })
  if (has.has('@mikro-orm/core')) return make('mikro-orm', look, { files: there })
  if (has.has('sequelize') && (has.has('sequelize-cli') || there !== null))
    return make('sequelize', look, { files: there })
  const source =
    files.find(path => /(?:^|\/)(?:data-?source|ormconfig|typeorm\.config)\.[jt]s$/i.test(path)) ?? null
  if (has.has('typeorm')) return make('typeorm', look, { files: there, config: source })
  return null
}

function plainSql(look: Look): MigrationFacts | null {
  const folders = look.files
    .filter(path => /(?:^|\/)migrations?\/[^/]*\d[^/]*\.sql$/.test(path))
    .map(folderOf)
  const files = folders[0] ?? null
  return files === null ? null : make('sql', look, { files })
}
