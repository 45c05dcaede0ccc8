import { deepEqual, equal, match, rejects } from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { daysIn, million, seedLarge } from '../src/seed/large.ts'
import { env, root } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let owner: string
/** Of a role that reads and writes rows, and no more. */
let url: string

before(async () => {
  cluster = startCluster()
  owner = await cluster.database()
  await run('migrate.js', {}, owner)
  await run('migrate.js', {}, owner)
  url = await roleWithRowsOnly(owner)
})
after(() => cluster.stop())

const run = async (script: string, more: Record<string, string>, database = url) => {
  const given = { env: { PATH: process.env.PATH, ...env(database), ...more } }
  return (await promisify(execFile)(process.execPath, [resolve(root, 'dist', script)], given)).stdout
}

async function roleWithRowsOnly(address: string): Promise<string> {
  const client = new pg.Client({ connectionString: address })
  await client.connect()
  const role = `catering_rows_${process.pid}`
  await client.query(`create role ${role} login password 'p@ss/w:rd'`)
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${role}`)
  await client.end()
  return Object.assign(new URL(address), { username: role, password: 'p@ss/w:rd' }).href
}

async function one(text: string): Promise<Record<string, unknown>> {
  const client = new pg.Client({ connectionString: owner })
  await client.connect()
  const { rows } = await client.query(text)
  await client.end()
  return rows[0]
}

const counts = () =>
  one(`select (select count(*)::int from companies) as companies,
  (select count(*)::int from contracts) as contracts, (select count(*)::int from service_days) as days`)

test('the seed adds some weeks once, with row rights alone', async () => {
  match(await run('seed.js', {}), /^seeded; log in as admin@parsley.example/)
  const { companies, contracts, days } = (await counts()) as Record<string, number>
  deepEqual([companies, contracts], [20, 25])
  equal(days! > 500 && days! < 1000, true, String(days))
  equal(await run('seed.js', {}), 'the companies are there already\n')
  equal((await counts()).days, days)
})

test('in production it does not choose a password by itself', () =>
  rejects(run('seed.js', { NODE_ENV: 'production' }), /Set SEED_PASSWORD/))

test('the large one is a million days; a smaller one is the same each time', async () => {
  equal(daysIn(million), 1_000_000)
  const size = { companies: 6, weeks: 10 }
  const before = (await counts()).days as number
  deepEqual([await seedLarge(url, size), await seedLarge(url, size)], [true, false])
  equal((await counts()).days, before + 300)
  const { sum } = await one(`select sum(served_portions)::int from service_days where day < '2007-01-01'`)
  equal(sum, 24_469)
})
