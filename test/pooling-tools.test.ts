import assert from 'node:assert/strict'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { keepsPrepared } from '../server/src/apps/databases/pooling.ts'
import { execOk, SYSTEM_PATH } from '../server/src/drivers/host/exec.ts'
import { POOLED, packages } from './kit/packages.ts'
import { makePooled, type Pooled } from './kit/pooler.ts'

/** More clients than connections, so that each statement comes by another one. */
const CLIENTS = 6
const EACH = 40

let at: Pooled
let load: NodeJS.Require
/** Whether this PgBouncer keeps named statements. */
let keeps: boolean

const SCHEMA = `generator client {
  provider = "prisma-client-js"
}
datasource db {
  provider = "postgresql"
}
model guest {
  id   Int    @id
  name String
}
`

before(async () => {
  const modules = await packages(POOLED)
  at = await makePooled({ size: 2, clients: 100 })
  keeps = keepsPrepared(at.version)
  load = createRequire(join(modules, 'none.js'))
  const client = await connected(at.direct)
  await client.query(
    "create table guest (id int primary key, name text not null); insert into guest values (1, 'Ada')",
  )
  await client.end()
  await makePrismaClient(modules)
})

after(() => at?.remove())

/** Prisma's client is made for a schema. Its engine for migrations is asked for, and not used. */
async function makePrismaClient(modules: string): Promise<void> {
  const folder = join(dirname(modules), 'schema')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder)
  await symlink(modules, join(folder, 'node_modules'))
  await writeFile(join(folder, 'schema.prisma'), SCHEMA)
  const env = {
    PATH: `${dirname(process.execPath)}:${SYSTEM_PATH}`,
    HOME: folder,
    PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true',
    CHECKPOINT_DISABLE: '1',
  }
  const argv = [
    process.execPath,
    join(modules, 'prisma/build/index.js'),
    'generate',
    '--schema=schema.prisma',
  ]
  await execOk({ argv, cwd: folder, env, timeoutMs: 60_000 }, 'prisma generate')
}

async function connected(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}

interface Asking {
  ask(n: number): Promise<unknown>
  end(): Promise<unknown>
}

/** Asks by several clients at once, through the pooler: the codes of what failed. */
async function failures(make: () => Asking | Promise<Asking>): Promise<string[]> {
  const clients = await Promise.all(Array.from({ length: CLIENTS }, make))
  const codes = new Set<string>()
  const note = (error: { code?: string; cause?: { code?: string } }) =>
    void codes.add(error.code ?? error.cause?.code ?? String(error))
  await Promise.all(
    clients.map(async ({ ask }) => {
      for (let n = 0; n < EACH; n++) await ask(n).catch(note)
    }),
  )
  await Promise.all(clients.map(client => client.end()))
  return [...codes].sort()
}

const byPg = (ask: (client: pg.Client, n: number) => Promise<unknown>) => async (): Promise<Asking> => {
  const client = await connected(at.pooled)
  return { ask: n => ask(client, n), end: () => client.end() }
}

/** Named statements work where PgBouncer keeps them, and fail with one of these before. */
const named = (found: readonly string[]): void =>
  keeps
    ? assert.deepEqual(found, [])
    : assert.ok(found.length > 0 && found.every(code => code === '42P05' || code === '26000'), String(found))

test('what each library needs behind a pooler: node-postgres', async () => {
  assert.deepEqual(await failures(byPg((client, n) => client.query('select $1::int', [n]))), [])
  named(await failures(byPg((client, n) => client.query({ name: 'n', text: 'select $1::int', values: [n] }))))
})

test('what each library needs behind a pooler: postgres.js', async () => {
  const postgres = load('postgres')
  const sql = (options: object) => postgres(at.pooled, { max: 1, onnotice: () => {}, ...options })
  const single = (options: object) => () => {
    const own = sql(options)
    return { ask: (n: number) => own`select ${n}::int`, end: () => own.end() }
  }
  const inTransaction = (options: object) => () => {
    const own = sql(options)
    const ask = (n: number) =>
      own.begin(async (tx: typeof own) => {
        await tx`select ${n}::int + 1`
        await tx`select ${n}::int + 2`
      })
    return { ask, end: () => own.end() }
  }
  assert.deepEqual(await failures(single({})), [], 'it asks again by itself')
  named(await failures(inTransaction({})))
  assert.deepEqual(await failures(inTransaction({ prepare: false })), [])
})

test('what each library needs behind a pooler: Drizzle', async () => {
  const { drizzle } = load('drizzle-orm/node-postgres')
  const { sql } = load('drizzle-orm')
  const all = sql`select * from guest where id = ${1}`
  assert.deepEqual(await failures(byPg(client => drizzle(client).execute(all))), [])
  const { pgTable, integer } = load('drizzle-orm/pg-core')
  const guest = pgTable('guest', { id: integer('id').primaryKey() })
  named(await failures(byPg(client => drizzle(client).select().from(guest).prepare('all').execute())))
})

test('what each library needs behind a pooler: Prisma', async () => {
  const { PrismaClient } = load('@prisma/client')
  const { PrismaPg } = load('@prisma/adapter-pg')
  const found = await failures(() => {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: at.pooled, max: 1 }) })
    const ask = async (n: number) => {
      await prisma.guest.findMany()
      const work = async (tx: typeof prisma) => {
        await tx.guest.findMany()
        await tx.guest.update({ where: { id: 1 }, data: { name: String(n) } })
      }
      await prisma.$transaction(work, { maxWait: 20_000, timeout: 20_000 })
    }
    return { ask, end: () => prisma.$disconnect() }
  })
  assert.deepEqual(found, [])
})

test('what stays with a connection is for the address past the pooler', async () => {
  const heard = async (url: string) => {
    const [listener, sender] = [await connected(url), await connected(at.direct)]
    let n = 0
    listener.on('notification', () => n++)
    await listener.query('listen told')
    await sender.query('notify told')
    await sleep(300)
    await Promise.all([listener.end(), sender.end()])
    return n
  }
  assert.deepEqual([await heard(at.pooled), await heard(at.direct)], [0, 1])
  const client = await connected(at.pooled)
  await client.query('select pg_advisory_lock(7)')
  await client.end()
  const direct = await connected(at.direct)
  const { rows } = await direct.query("select count(*)::int as n from pg_locks where locktype = 'advisory'")
  await direct.end()
  assert.equal(rows[0].n, 1, 'the lock outlives its client')
  const limited = new pg.Client({ connectionString: at.pooled, statement_timeout: 1_000 })
  limited.on('error', () => {})
  await assert.rejects(limited.connect(), { code: '08P01' })
})
