import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Plan } from '../../engine/plan.ts'
import { blue, FILE, server } from './deployer.fixture.ts'
import { release } from './plan.fixture.ts'
import type { DeployStep } from './step.ts'

const kinds = (plan: Plan<DeployStep>) => plan.steps.map(step => step.does.kind)
const stepOf = <K extends DeployStep['kind']>(plan: Plan<DeployStep>, kind: K) =>
  plan.steps.map(step => step.does).find(does => does.kind === kind) as Extract<DeployStep, { kind: K }>
const KEY = 'shop@preview-pr-12'
const AT = `/h/uploads/${'a'.repeat(64)}.tgz`

test('what serves says how previews are, whatever the branch says', async t => {
  const { deployer, request, serves, state } = server(t)
  const served = readConfigOrFail(`${FILE}previews: { domain: p.shop.example, memory: 200MB, ttl: 2d }\n`)
  await serves({ api: blue('r1'), web: blue('r1') }, {}, [release(1, { config: served })])
  state.uploads[AT] =
    `${FILE}previews: { memory: 64GB, password: false }\nenvironments: { preview: { domains: [shop.example] } }\n`
  const plan = await deployer.planDeploy(KEY, request(), 'operator')
  const { rules } = stepOf(plan, 'release.take')
  assert.deepEqual([rules!.memory, rules!.password, rules!.ttl], [200 * 1024 ** 2, true, 2 * 86_400_000])
  const { site } = stepOf(plan, 'edge.site')
  assert.deepEqual(site.domains, ['pr-12.p.shop.example'])
})

test('a preview gets the secrets that previews share, and none of production', async t => {
  const { deployer, request, serves, apps } = server(t)
  await serves({ api: blue('r1'), web: blue('r1') })
  await apps.keepSecrets('shop', { STRIPE: 'live', MAIL: 'live' })
  await assert.rejects(deployer.planDeploy(KEY, request({ env: {} }), 'operator'), { code: 'env.missing' })
  await apps.keepSecrets('shop@preview', { STRIPE: 'test', 'credential:OP': 'of a vault' })
  const plan = await deployer.planDeploy(KEY, request({ env: {} }), 'operator')
  const { given, names } = stepOf(plan, 'secrets.keep')
  assert.deepEqual(names, ['STRIPE'])
  await apps.takeUp(KEY, given)
  assert.deepEqual(await apps.secrets(KEY), { STRIPE: 'test' })
})

test('a new preview is seeded once, and has no restore points', async t => {
  const { deployer, request, apps, releases, state } = server(t)
  state.uploads[AT] = `${FILE}seed: node seed.js\n`
  const first = await deployer.planDeploy(KEY, request(), 'operator')
  assert.deepEqual(
    kinds(first).filter(kind => kind === 'release.migrate' || kind === 'release.seed'),
    ['release.migrate', 'release.seed'],
  )
  const { config } = release(1)
  await apps.create(KEY, 8002)
  await apps.setLive(KEY, { live: { api: blue('r1'), web: blue('r1') }, warm: {}, state: 'running' })
  await releases.put(release(1, { app: KEY, config }), {})
  const second = await deployer.planDeploy(KEY, request(), 'operator')
  assert.deepEqual(
    [kinds(second).includes('release.seed'), kinds(second).includes('database.point')],
    [false, false],
  )
})

test('there are as many as what serves says; one of them is deployed again all the same', async t => {
  const { deployer, request, serves, apps } = server(t)
  const served = readConfigOrFail(`${FILE}previews: { most: 1 }\n`)
  await serves({ api: blue('r1'), web: blue('r1') }, {}, [release(1, { config: served })])
  await apps.create(KEY, 8002)
  await deployer.planDeploy(KEY, request(), 'operator')
  const another = deployer.planDeploy('shop@preview-pr-13', request(), 'operator')
  await assert.rejects(another, { code: 'preview.many' })
})

test('what all previews share is not deployed, and nothing is promoted to a preview', async t => {
  const { deployer, request, serves } = server(t)
  await serves({ api: blue('r1'), web: blue('r1') })
  await assert.rejects(deployer.planDeploy('shop@preview', request(), 'operator'), {
    code: 'preview.pattern',
  })
  const promoted = deployer.planPromotion(KEY, { plan: true, from: 'production' }, 'operator')
  await assert.rejects(promoted, { code: 'promote.preview' })
})

test('a new preview begins with a masked copy where what serves says so; a branch has no say in its masks', async t => {
  const { deployer, request, serves, apps, releases, state } = server(t)
  const copying = (from: string, mask: string) => `previews: { database: { from: ${from}, mask: ${mask} } }\n`
  const ours = readConfigOrFail(`${FILE}${copying('production', '{ users.email: email, users.pin: null }')}`)
  await serves({ api: blue('r1'), web: blue('r1') }, {}, [release(1, { config: ours })])
  state.uploads[AT] = `${FILE}seed: node seed.js\n${copying('production', '{ users.email: keep }')}`
  const first = await deployer.planDeploy(KEY, request(), 'operator')
  const { from, mask } = stepOf(first, 'database.copy-masked')
  assert.deepEqual([from, mask], ['shop', { 'users.email': 'email', 'users.pin': 'null' }])
  const all = kinds(first)
  assert.ok(all.indexOf('database.provide') < all.indexOf('database.copy-masked'))
  assert.ok(all.indexOf('database.copy-masked') < all.indexOf('release.migrate'))
  assert.equal(all.includes('release.seed'), false)
  await apps.create(KEY, 8002)
  await apps.setLive(KEY, { live: { api: blue('r1'), web: blue('r1') }, warm: {}, state: 'running' })
  await releases.put(release(1, { app: KEY }), {})
  const second = await deployer.planDeploy(KEY, request(), 'operator')
  assert.equal(kinds(second).includes('database.copy-masked'), false)
})

test('what is copied serves here, and is no preview; where nothing serves, a branch copies nothing', async t => {
  const { deployer, request, serves, state } = server(t)
  const copying = (from: string) => `${FILE}previews: { database: { from: ${from} } }\n`
  state.uploads[AT] = copying('production')
  const refused = () =>
    assert.rejects(deployer.planDeploy(KEY, request(), 'operator'), { code: 'preview.copy-source' })
  await refused()
  for (const from of ['staging', 'preview-pr-13']) {
    const ours = readConfigOrFail(copying(from))
    await serves({ api: blue('r1'), web: blue('r1') }, {}, [release(1, { config: ours })])
    await refused()
  }
})

test('whoever may deploy another environment decides nothing about what is copied of staging', async t => {
  const { deployer, request, serves, apps, releases } = server(t)
  const served = (mask: string) =>
    readConfigOrFail(`${FILE}previews: { database: { from: staging, mask: { users.email: ${mask} } } }\n`)
  await serves({ api: blue('r1'), web: blue('r1') }, {}, [release(1, { config: served('keep') })])
  await apps.create('shop@staging', 8003)
  await apps.setLive('shop@staging', {
    live: { api: blue('r1'), web: blue('r1') },
    warm: {},
    state: 'running',
  })
  await releases.put(release(1, { app: 'shop@staging', config: readConfigOrFail(FILE) }), {})
  await assert.rejects(deployer.planDeploy(KEY, request(), 'operator'), { code: 'preview.copy-source' })
  await releases.put(release(1, { app: 'shop@staging', config: served('email') }), {})
  const { mask } = stepOf(await deployer.planDeploy(KEY, request(), 'operator'), 'database.copy-masked')
  assert.deepEqual(mask, { 'users.email': 'email' })
})
