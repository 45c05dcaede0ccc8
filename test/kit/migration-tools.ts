import { createHash } from 'node:crypto'
import type { MigrationTool } from '../../server/src/config/config.ts'

/** Where the tool is told to keep its table; without: where it does by itself. */
export interface Setting {
  table?: string
  schema?: string
}

/** A migration tool as people set it up. */
export interface ToolCase {
  name: string
  tool: MigrationTool
  packages: string[]
  /** From the root of the app. */
  folder: string
  command: (setting: Setting) => string
  /** Its own configuration. The values are JavaScript, so that they can be literals or not. */
  config: (setting: Setting) => Record<string, string>
  /** One migration after the other; statements of the app are given. */
  migrations: (each: ReadonlyArray<readonly string[]>) => Record<string, string>
  /** The usual place of its table. */
  table: string
  /** What can be set at all. */
  settable: ReadonlyArray<keyof Setting>
  /** Whether values of its configuration may be computed. */
  computed: boolean
  /** Whether a migration that goes well is taken back when the one after it fails. */
  allOrNothing: boolean
  /** Whether its table tells when a file was changed. */
  checksums?: true
  /** How it says that a table is missing; without: as PostgreSQL does. */
  reason?: RegExp
}

const pg = 'pg@8.23.1'
const letters = ['a', 'b', 'c']
const keys = (pairs: Record<string, string | undefined>): string =>
  Object.entries(pairs)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value}`)
    .join(', ')
const files = (
  each: ReadonlyArray<readonly string[]>,
  one: (letter: string, statements: readonly string[]) => [path: string, text: string],
): Record<string, string> => Object.fromEntries(each.map((statements, n) => one(letters[n]!, statements)))
const code = (statements: readonly string[], run: string): string =>
  statements.map(sql => `await ${run}(${JSON.stringify(sql)})`).join('\n')
/** The text of a literal, for options of a command. */
const bare = (literal: string): string => literal.replaceAll("'", '')

export const knex: ToolCase = {
  name: 'Knex',
  tool: 'knex',
  packages: ['knex@3.3.0', pg],
  folder: 'migrations',
  command: () => 'knex migrate:latest',
  config: ({ table, schema }) => ({
    'knexfile.js': `module.exports = { client: 'pg', connection: process.env.DATABASE_URL, migrations: { ${keys({ tableName: table, schemaName: schema })} } }`,
  }),
  migrations: each =>
    files(each, (letter, statements) => [
      `migrations/20260101_${letter}.js`,
      `exports.up = async knex => { ${code(statements, 'knex.raw')} }\nexports.down = async () => {}`,
    ]),
  table: 'public.knex_migrations',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: true,
}

const drizzle: ToolCase = {
  checksums: true,
  name: 'Drizzle',
  tool: 'drizzle',
  packages: ['drizzle-kit@0.31.11', 'drizzle-orm@0.45.4', pg],
  folder: 'drizzle',
  command: () => 'drizzle-kit migrate',
  config: ({ table, schema }) => ({
    'drizzle.config.js': `module.exports = { dialect: 'postgresql', out: './drizzle', schema: './schema.js', dbCredentials: { url: process.env.DATABASE_URL }, migrations: { ${keys({ table, schema })} } }`,
  }),
  migrations: each => ({
    'drizzle/meta/_journal.json': JSON.stringify({
      version: '7',
      dialect: 'postgresql',
      entries: each.map((_, n) => ({
        idx: n,
        version: '7',
        when: 1000 + n,
        tag: `000${n}_${letters[n]}`,
        breakpoints: true,
      })),
    }),
    ...Object.fromEntries(
      each.map((statements, n) => [
        `drizzle/000${n}_${letters[n]}.sql`,
        statements.join(';\n--> statement-breakpoint\n'),
      ]),
    ),
  }),
  table: 'drizzle.__drizzle_migrations',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: true,
}

const nodePgMigrate: ToolCase = {
  name: 'node-pg-migrate',
  tool: 'node-pg-migrate',
  packages: ['node-pg-migrate@9.0.0', pg],
  folder: 'migrations',
  command: ({ table, schema }) =>
    `node-pg-migrate up${table === undefined ? '' : ` -t ${bare(table)}`}${schema === undefined ? '' : ` --migrations-schema ${bare(schema)}`}`,
  config: () => ({}),
  migrations: each =>
    files(each, (letter, statements) => [
      `migrations/1757400000000_${letter}.sql`,
      `-- Up Migration\n${statements.join(';\n')};\n-- Down Migration\n`,
    ]),
  table: 'public.pgmigrations',
  settable: ['table', 'schema'],
  computed: false,
  allOrNothing: true,
}

const dbmate: ToolCase = {
  name: 'dbmate',
  tool: 'dbmate',
  packages: ['dbmate@2.36.0'],
  folder: 'db/migrations',
  command: ({ table, schema }) =>
    table === undefined && schema === undefined
      ? 'dbmate --no-dump-schema up'
      : `dbmate --no-dump-schema --migrations-table ${bare(schema ?? 'public')}.${bare(table ?? 'schema_migrations')} up`,
  config: () => ({}),
  migrations: each =>
    files(each, (letter, statements) => [
      `db/migrations/2026010${letters.indexOf(letter)}_${letter}.sql`,
      `-- migrate:up\n${statements.join(';\n')};\n-- migrate:down\n`,
    ]),
  table: 'public.schema_migrations',
  settable: ['table', 'schema'],
  computed: false,
  allOrNothing: false,
}

const graphile: ToolCase = {
  name: 'graphile-migrate',
  tool: 'graphile-migrate',
  packages: ['graphile-migrate@1.4.1'],
  folder: 'migrations',
  command: () => 'graphile-migrate migrate',
  config: () => ({ '.gmrc': '{}' }),
  migrations: each => {
    let previous = ''
    return files(each, (letter, statements) => {
      const body = `${statements.join(';\n')};`
      const hash = `sha1:${createHash('sha1')
        .update(`${`${previous}\n${body}`.trim()}\n`)
        .digest('hex')}`
      const text = `--! Previous: ${previous === '' ? '-' : previous}\n--! Hash: ${hash}\n\n${body}\n`
      previous = hash
      return [`migrations/committed/00000${letters.indexOf(letter) + 1}.sql`, text]
    })
  },
  table: 'graphile_migrate.migrations',
  settable: [],
  computed: false,
  allOrNothing: false,
}

const sequelizeFiles: ToolCase['migrations'] = each =>
  files(each, (letter, statements) => [
    `migrations/20260101-${letter}.js`,
    `exports.up = async given => { const q = given.context ?? given; ${code(statements, 'q.sequelize.query')} }`,
  ])
const sequelizePackages = ['sequelize@6.37.8', 'sequelize-cli@6.6.5', 'umzug@3.8.3', pg]

const sequelize: ToolCase = {
  name: 'sequelize-cli',
  tool: 'sequelize',
  packages: sequelizePackages,
  folder: 'migrations',
  command: () => 'sequelize-cli db:migrate --env production',
  config: ({ table, schema }) => ({
    'config/config.js': `module.exports = { production: { use_env_variable: 'DATABASE_URL', dialect: 'postgres', ${keys({ migrationStorageTableName: table, migrationStorageTableSchema: schema })} } }`,
  }),
  migrations: sequelizeFiles,
  table: 'public.SequelizeMeta',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: false,
}

const umzug: ToolCase = {
  ...sequelize,
  name: 'umzug',
  command: () => 'node migrate.js',
  config: ({ table, schema }) => ({
    'migrate.js': `const { Sequelize } = require('sequelize'); const { Umzug, SequelizeStorage } = require('umzug')
const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false })
new Umzug({ migrations: { glob: 'migrations/*.js' }, context: sequelize.getQueryInterface(), logger: console,
  storage: new SequelizeStorage({ sequelize, ${keys({ tableName: table, schema })} }) }).up().then(() => sequelize.close(), error => { console.error(error.message); process.exit(1) })`,
  }),
}

const typeorm: ToolCase = {
  name: 'TypeORM',
  tool: 'typeorm',
  packages: ['typeorm@1.1.1', pg],
  folder: 'migrations',
  command: () => 'typeorm migration:run -d data-source.js',
  config: ({ table, schema }) => ({
    'data-source.js': `const { DataSource } = require('typeorm')
module.exports = { source: new DataSource({ type: 'postgres', url: process.env.DATABASE_URL, migrations: ['migrations/*.js'], ${keys({ migrationsTableName: table, schema })} }) }`,
  }),
  migrations: each =>
    files(each, (letter, statements) => {
      const time = 1757400000000 + letters.indexOf(letter)
      return [
        `migrations/${time}-${letter}.js`,
        `exports.M${time} = class M${time} { async up(q) { ${code(statements, 'q.query')} } async down() {} }`,
      ]
    }),
  table: 'public.migrations',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: true,
}

const mikro: ToolCase = {
  name: 'MikroORM',
  tool: 'mikro-orm',
  packages: ['core', 'postgresql', 'migrations', 'cli'].map(name => `@mikro-orm/${name}@7.2.1`),
  folder: 'migrations',
  command: () => 'mikro-orm migration:up',
  config: ({ table, schema }) => ({
    'package.json': '{"dependencies":{"@mikro-orm/cli":"7.2.1"}}',
    'mikro-orm.config.js': `const { defineConfig } = require('@mikro-orm/postgresql'); const { Migrator } = require('@mikro-orm/migrations')
module.exports = defineConfig({ clientUrl: process.env.DATABASE_URL, entities: [], discovery: { warnWhenNoEntities: false }, extensions: [Migrator], migrations: { path: './migrations', snapshot: false, ${keys({ tableName: table, schema })} } })`,
  }),
  migrations: each =>
    files(each, (letter, statements) => {
      const name = `Migration2026010100000${letters.indexOf(letter)}`
      return [
        `migrations/${name}.js`,
        `const { Migration } = require('@mikro-orm/migrations')
exports.${name} = class ${name} extends Migration { async up() { ${statements.map(sql => `this.addSql(${JSON.stringify(sql)})`).join(';')} } }`,
      ]
    }),
  table: 'public.mikro_orm_migrations',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: true,
}

const kysely: ToolCase = {
  name: 'Kysely',
  tool: 'kysely',
  packages: ['kysely@0.29.9', 'kysely-ctl@0.21.0', pg],
  folder: 'migrations',
  command: () => 'kysely migrate:latest',
  config: ({ table, schema }) => ({
    'kysely.config.js': `const { defineConfig } = require('kysely-ctl'); const { Pool } = require('pg')
module.exports = defineConfig({ dialect: 'pg', dialectConfig: { pool: new Pool({ connectionString: process.env.DATABASE_URL }) }, migrations: { migrationFolder: 'migrations', ${keys({ migrationTableName: table, migrationTableSchema: schema })} } })`,
  }),
  migrations: each =>
    files(each, (letter, statements) => [
      `migrations/2026_${letter}.ts`,
      `import { sql } from 'kysely'; export const up = async (db: never) => { ${statements.map(s => `await sql.raw(${JSON.stringify(s)}).execute(db)`).join(';')} }`,
    ]),
  table: 'public.kysely_migration',
  settable: ['table', 'schema'],
  computed: true,
  allOrNothing: true,
}

/** Each at the version that its registry called the newest in November 2026. */
export const TOOL_CASES: readonly ToolCase[] = [
  knex,
  drizzle,
  nodePgMigrate,
  dbmate,
  graphile,
  sequelize,
  umzug,
  typeorm,
  mikro,
  kysely,
]
