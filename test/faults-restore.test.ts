import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { backups, firstPoint, moment, sql } from './kit/data.ts'
import { byRuns, killAt, type Moment, momentsOf } from './kit/killer.ts'
import { good } from './kit/proof.ts'
import { type Ended, makeServer, type Server } from './kit/server.ts'

const NAME = 't-torn'
const MORE = `database: { postgres: true }
migrations: { tool: sql, folder: db }
`

let server: Server
let app: Fixture
/** When two guests had the same name: the second migration cannot be applied to that. */
let twins: string

before(async () => {
  server = await makeServer({ backups: true })
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, MORE, '    persist: [uploads]\n'),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id int primary key, name text not null);
      insert into guest select n, 'guest ' || n from generate_series(1, 300) n;
      insert into guest values (301, 'guest 1');`,
  })
  good(await app.deploy())
  await firstPoint(server)
  twins = await moment(server)
  await sql(server, 't_torn', 'delete from guest where id = 301')
  await app.write({ 'db/002.sql': 'create unique index guest_name on guest (name);\n' })
  good(await app.deploy())
})

after(() => server?.remove())

const rows = async (): Promise<number> =>
  Number((await sql(server, 't_torn', 'select count(*) from guest'))[0])
/** What lies beside the files that serve. */
const beside = async () =>
  (await readdir(join(server.home, 'postgres', NAME))).filter(name => name.startsWith('t_torn'))
const copies = async () => (await server.status()).parts.filter(part => part.name.includes('.copy-'))

async function serves(): Promise<void> {
  const status = await server.app(NAME, a => a.state === 'serving' && a.running === null)
  assert.equal(status.state, 'serving', status.reason ?? '')
  assert.equal((await fetch(`${status.url}/`)).status, 200)
  assert.deepEqual(await copies(), [], 'no copy is left behind')
}

interface Torn {
  run(): Promise<Ended>
  /** When nobody kills any more. */
  check(ended: Ended): Promise<void>
}

async function calmly({ run, check }: Torn): Promise<Ended> {
  const ended = await run()
  await check(ended)
  return ended
}

/** Runs of the same kind until the keeper was killed at each step of it, then and while it is undone. */
async function atEveryStep(of: string | null, calm: Ended, { run, check }: Torn): Promise<Moment[]> {
  const wanted = momentsOf(calm.json.steps!)
  const killed: Moment[] = []
  for (const now of byRuns(wanted)) {
    const killer = killAt(server, of as string, m => now.includes(m))
    const ended = await run().finally(killer.stop)
    assert.equal(ended.json.outcome, calm.json.outcome, ended.text)
    await check(ended)
    killed.push(...killer.killed)
  }
  return killed
}

test('the keeper killed at every step of a restore: it ends by itself, and the data is back', async t => {
  const restore: Torn = {
    async run() {
      const to = await moment(server)
      await sql(server, 't_torn', 'delete from guest where id > 50')
      return server.inn(['restore', NAME, '--to', to])
    },
    async check(ended) {
      await serves()
      assert.equal(await rows(), 300, ended.text)
      good(await server.inn(['restore', 'discard', NAME]))
    },
  }
  const calm = await calmly(restore)
  const killed = await atEveryStep(NAME, calm, restore)
  t.diagnostic(`${killed.length} of ${calm.json.steps!.length} steps`)
  assert.ok(killed.length > calm.json.steps!.length / 2)
  assert.deepEqual(await beside(), [])
})

test('the keeper killed at every step of a restore that fails: what was there is served', async t => {
  const fails: Torn = {
    run: () => server.inn(['restore', NAME, '--to', twins, '--migrate']),
    async check(ended) {
      assert.equal(ended.json.outcome, 'undone', ended.text)
      await serves()
      assert.equal(await rows(), 300)
      assert.deepEqual(await beside(), [])
    },
  }
  const calm = await calmly(fails)
  const reached = {
    ...calm,
    json: { ...calm.json, steps: calm.json.steps!.filter(s => s.state !== 'pending') },
  }
  const killed = await atEveryStep(NAME, reached, fails)
  t.diagnostic(`${killed.length} of ${reached.json.steps.length} steps`)
  assert.ok(killed.length > reached.json.steps.length / 2)
})

test('the keeper killed at every step of a backup: it ends by itself, and all of it is there', async t => {
  const backup: Torn = {
    run: () => server.inn(['backup', 'now']),
    async check(ended) {
      await serves()
      const seen = await backups(server, s => s.points[0]?.state !== 'taking')
      assert.equal(seen.points[0]?.state, 'good', ended.text)
    },
  }
  const calm = await calmly(backup)
  const killed = await atEveryStep(NAME, calm, backup)
  t.diagnostic(`${killed.length} of ${calm.json.steps!.length} steps`)
  assert.ok(killed.length > calm.json.steps!.length / 2)
  good(await server.inn(['backup', 'verify']))
})
