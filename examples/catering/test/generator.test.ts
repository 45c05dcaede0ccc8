import { deepEqual, equal } from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { asc, eq } from 'drizzle-orm'
import { addDays } from '../src/calendar/day.ts'
import { Config } from '../src/config.ts'
import { contracts } from '../src/contracts/schema.ts'
import { openDatabase, type PooledDatabase } from '../src/database/database.ts'
import { Generator } from '../src/service-days/generator.service.ts'
import { jobRuns, serviceDays } from '../src/service-days/schema.ts'
import { contracted, env, migrated, setStatus, startApp, until } from './app.ts'
import { type Cluster, startCluster } from './postgres.ts'

let cluster: Cluster
let url: string
let db: PooledDatabase
/** Each with a pool of its own, as two processes have. */
let instances: Generator[]
let pools: PooledDatabase[]
let made: number[]

before(async () => {
  cluster = startCluster()
  url = await migrated(cluster)
  pools = [openDatabase(url, 3), openDatabase(url, 3)]
  db = pools[0]!
  instances = pools.map(pool => new Generator(new Config(env(url)), pool))
  made = await contracted(db, 30)
})
after(async () => {
  for (const pool of pools) await pool.$client.end()
  cluster.stop()
})
beforeEach(async () => {
  await db.delete(serviceDays)
  await db.delete(jobRuns)
})

const daysOf = (contractId: number) =>
  db.select().from(serviceDays).where(eq(serviceDays.contractId, contractId)).orderBy(asc(serviceDays.day))

test('two instances at once: one makes two weeks of all contracts, the other finds it busy or done', async () => {
  const outcomes = await Promise.all(instances.map(instance => instance.daily()))
  deepEqual(
    outcomes.filter(({ is }) => is === 'made'),
    [{ is: 'made', days: 30 * 14 }],
  )
  equal(await db.$count(serviceDays), 30 * 14)
  deepEqual(await instances[1]!.daily(), { is: 'done' })
})

test('while another holds the lock nothing is made, and nobody waits', async () => {
  await db.transaction(async tx => {
    await tx.execute(`select pg_advisory_xact_lock(hashtext('service days'))`)
    deepEqual(await instances[1]!.daily(), { is: 'busy' })
    equal(await db.$count(serviceDays), 0)
  })
  equal((await instances[1]!.daily()).is, 'made')
})

test('two processes that start at once make each day once', async () => {
  const apps = await Promise.all([startApp(env(url)), startApp(env(url))])
  try {
    const run = await until(async () => (await db.select().from(jobRuns))[0])
    deepEqual([run.made, await db.$count(serviceDays)], [30 * 14, 30 * 14])
  } finally {
    await Promise.all(apps.map(app => app.stop()))
  }
})

test('again on the same day: only what is missing, and what is there stays as it is', async () => {
  const [generator] = instances
  const id = made[0]!
  const today = generator!.today()
  await generator!.daily()
  await db.update(serviceDays).set({ expectedPortions: 7 }).where(eq(serviceDays.day, today))
  await db.delete(serviceDays).where(eq(serviceDays.day, addDays(today, 3)))
  deepEqual(await generator!.daily({ again: true }), { is: 'made', days: 30 })
  const days = await daysOf(id)
  deepEqual([days.length, days[0]!.expectedPortions, days[1]!.expectedPortions], [14, 7, 20])
  equal((await db.select().from(jobRuns))[0]!.made, 30 * 15)
})

test('only on weekdays and in the span that was agreed, and only while the contract is active', async () => {
  const [generator] = instances
  const [limited, paused, deleted] = made as [number, number, number]
  const from = addDays(generator!.today(), 1)
  const to = addDays(from, 8)
  await db
    .update(contracts)
    .set({ startsOn: from, endsOn: to, weekdays: [1, 3] })
    .where(eq(contracts.id, limited))
  await setStatus(db, paused, 'paused')
  await db.update(contracts).set({ deletedAt: new Date() }).where(eq(contracts.id, deleted))
  await generator!.daily()
  const days = (await daysOf(limited)).map(({ day }) => day)
  const wanted = Array.from({ length: 9 }, (_, i) => addDays(from, i)).filter(day =>
    [1, 3].includes(new Date(day).getUTCDay()),
  )
  deepEqual(days, wanted)
  deepEqual([(await daysOf(paused)).length, (await daysOf(deleted)).length], [0, 0])
})
