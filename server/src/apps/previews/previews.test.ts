import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { asPreview } from '../../config/as-preview.ts'
import { previews } from '../../config/previews.ts'
import { readConfigOrFail } from '../../config/read.ts'
import { blue, server } from '../deploys/deployer.fixture.ts'
import { release } from '../deploys/plan.fixture.ts'
import { createPreviews } from './previews.ts'

const KEY = 'shop@preview-pr-12'
const HOUR = 3_600_000
const written = readConfigOrFail('name: shop\nservices: { api: { start: node api.js } }\n', 'preview-pr-12')
const config = asPreview(written, previews.parse({ ttl: '2h', domain: 'p.shop.example' }), 'preview-pr-12')

function made(t: TestContext) {
  const { apps, releases, deployer, state, started } = server(t)
  const held = new Set<string>()
  const written: string[] = []
  const all = createPreviews({
    numberOf: async () => 12,
    ...{ apps, releases, deployer, clock: { now: () => state.now, sleep: async () => {} } },
    engine: {
      holds: lock => held.has(lock),
      start(plan, actor) {
        started.push([plan, actor])
        return 'run-1'
      },
    },
    audit: { write: async row => void written.push(`${row.actor} ${row.detail}`) },
  })
  const serves = async (createdAt: number) => {
    await apps.create(KEY, 8002)
    await apps.setLive(KEY, { live: { api: blue('r1') }, warm: {}, state: 'running' })
    await releases.put(release(1, { app: KEY, config, createdAt, branch: 'feature/login' }), {})
  }
  return { all, apps, state, held, started, written, serves }
}

test('a preview goes with its data when its time is over, counted from its last deploy, and no earlier', async t => {
  const { all, state, held, started, written, serves } = made(t)
  await serves(state.now)
  state.now += 2 * HOUR - 1
  await all.end()
  assert.equal(started.length, 0)
  state.now += 1
  held.add(`app:${KEY}`)
  await all.end()
  assert.equal(started.length, 0, 'what is under way with it goes on')
  held.clear()
  await all.end()
  const [plan, actor] = started[0]!
  assert.deepEqual([plan.title, actor], [`remove ${KEY}`, 'keeper'])
  assert.deepEqual(plan.cleanup.at(-1), { kind: 'app.remove', app: KEY, data: true })
  assert.deepEqual(written, [`keeper remove ${KEY}`])
})

test('what is no preview never goes, and a preview of which no deploy is left goes at once', async t => {
  const { all, apps, started } = made(t)
  await apps.create('shop', 8001)
  await apps.create('shop@staging', 8003)
  await all.end()
  assert.equal(started.length, 0)
  await apps.create(KEY, 8002)
  await all.end()
  assert.equal(started.length, 1)
})

test('a preview is seen by who may see it, and its password by who may deploy it', async t => {
  const { all, apps, state, serves } = made(t)
  await serves(state.now)
  await apps.keepSecrets(KEY, { PREVIEW_PASSWORD: 'quiet' })
  const seen = async (mayDeploy: boolean) =>
    (
      await all.list(
        app => app === KEY,
        () => mayDeploy,
      )
    )[0]!
  const { name, branch, login, endsAt } = await seen(true)
  assert.deepEqual([name, branch, login], ['pr-12', 'feature/login', { user: 'preview', password: 'quiet' }])
  assert.equal(endsAt, new Date(state.now + 2 * HOUR).toISOString())
  assert.equal((await seen(false)).login, null)
  assert.deepEqual(
    await all.list(
      () => false,
      () => true,
    ),
    [],
  )
})
