import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Failure } from '../../kernel/failure.ts'
import { blue, FILE, green, server } from './deployer.fixture.ts'
import { release } from './plan.fixture.ts'
import type { DeployStep } from './step.ts'
import type { DeployRequest } from './wire.ts'

const kinds = (plan: Plan<DeployStep>) => plan.steps.map(step => step.does.kind)
const stepOf = <K extends DeployStep['kind']>(plan: Plan<DeployStep>, kind: K) =>
  plan.steps.map(step => step.does).find(does => does.kind === kind) as Extract<DeployStep, { kind: K }>

test('a first deploy gets a port of its own, that no instance of its plan has', async t => {
  const { deployer, request } = server(t)
  const plan = await deployer.planDeploy('shop', request(), 'operator')
  const take = stepOf(plan, 'release.take')
  assert.deepEqual([take.release, take.number, take.upload], ['r1', 1, 'a'.repeat(64)])
  const { slots } = stepOf(plan, 'instances.start')
  assert.ok(!slots.some(slot => slot.port === take.port))
  assert.deepEqual(plan.notices, [], 'there is nothing yet that a backup could bring back')
  assert.ok(!kinds(plan).includes('database.point'))
})

test('a later one keeps what ports it has, names a point to return to, and warns without a backup', async t => {
  const { deployer, request, serves, apps } = server(t)
  await serves({ api: blue('r1'), web: blue('r1') })
  await apps.givePort('shop.api.green.1', 4444)
  const plan = await deployer.planDeploy('shop', request(), 'operator')
  assert.equal(stepOf(plan, 'release.take').release, 'r3')
  assert.equal(stepOf(plan, 'release.take').port, 8001)
  assert.equal(stepOf(plan, 'instances.start').slots[0]!.port, 4444)
  assert.equal(stepOf(plan, 'database.point').point, 'shop-before-r3-20261120T1000')
  assert.ok(plan.notices.includes('there is no good backup'))
})

test('a port that another program has taken is replaced, unless our own instance runs there', async t => {
  const { deployer, request, serves, apps, state } = server(t)
  await serves({ api: blue('r1'), web: blue('r1') })
  await apps.givePort('shop.api.green.1', 4444)
  state.taken.add(4444)
  const port = async () =>
    stepOf(await deployer.planDeploy('shop', request(), 'operator'), 'instances.start').slots[0]!.port
  assert.notEqual(await port(), 4444)
  state.services = { 'shop.api.green.1': {} }
  assert.equal(await port(), 4444)
})

test('values that are given are put aside for the run, by a name; a plan that is only shown leaves none', async t => {
  const { deployer, request, apps } = server(t)
  const shown = await deployer.planDeploy('shop', request({ plan: true, config: FILE }), 'operator')
  assert.equal(stepOf(shown, 'secrets.keep').given, 'x'.repeat(24))
  await assert.rejects(apps.takeUp('shop', 'x'.repeat(24)), { code: 'env.forgotten' })
  const plan = await deployer.planDeploy('shop', request(), 'operator')
  assert.doesNotMatch(JSON.stringify(plan), /"sk"/)
  await apps.takeUp('shop', stepOf(plan, 'secrets.keep').given)
  assert.deepEqual(await apps.secrets('shop'), { STRIPE: 'sk' })
})

test('a value that is kept elsewhere is asked for first, by a step; one that comes with the deploy takes its place', async t => {
  const { deployer, request, apps, state } = server(t)
  const from = { argv: ['op', 'read', 'a'], with: [], timeoutMs: 1, cacheMs: 0, staleMs: 0, at: 0 }
  await apps.putAside('shop', 'g', {
    STRIPE: { value: 'sk', from },
    UNREAD: { value: 'x', from },
  })
  await apps.takeUp('shop', 'g')
  const plan = await deployer.planDeploy('shop', request({ env: {} }), 'operator')
  const [first] = plan.steps
  assert.deepEqual([first!.does.kind, first!.undo?.kind], ['secrets.resolve', 'secrets.back'])
  assert.deepEqual(stepOf(plan, 'secrets.resolve').names, ['STRIPE'])
  assert.doesNotMatch(JSON.stringify(plan), /"sk"/)
  // What a build reads is asked for when it is due as the plan is made, and then no earlier build is known to be the same.
  const built = FILE.replace(
    'web: { static: dist }',
    'web: { static: dist, buildEnv: { STRIPE: { from: STRIPE } } }',
  )
  const planBuilt = (cacheMs: number) => {
    const wanted = { STRIPE: { value: 'sk', from: { ...from, cacheMs, at: state.now } } }
    return apps
      .putAside('shop', 'h', wanted)
      .then(() => apps.takeUp('shop', 'h'))
      .then(() => deployer.planDeploy('shop', request({ plan: true, config: built, env: {} }), 'operator'))
  }
  const asks = (plan: Plan<DeployStep>) => plan.steps.some(({ does }) => does.kind === 'secrets.resolve')
  assert.deepEqual([asks(await planBuilt(0)), asks(await planBuilt(1_000))], [true, false])
  const given = await deployer.planDeploy('shop', request(), 'operator')
  assert.ok(!given.steps.some(({ does }) => does.kind === 'secrets.resolve'))
  assert.match(given.notices.join(), /STRIPE is not asked for any more by op read a/)
})

test('a deploy without a value that it needs is refused before anything is put aside', async t => {
  const { deployer, request } = server(t)
  await assert.rejects(deployer.planDeploy('shop', request({ env: {} }), 'operator'), (error: Failure) => {
    assert.equal(error.code, 'env.missing')
    assert.deepEqual(error.facts['names'], ['STRIPE'])
    assert.match(error.message, /^STRIPE has no value$/)
    return true
  })
})

test('a new place for backups takes an admin, or one that is known', async t => {
  const { deployer, request, state } = server(t)
  state.places = ['s3://elsewhere']
  await assert.rejects(deployer.planDeploy('shop', request(), 'operator'), (error: Failure) => {
    assert.deepEqual([error.code, /s3:\/\/elsewhere/.test(error.message)], ['access.forbidden', true])
    return true
  })
  await deployer.planDeploy('shop', request(), 'admin')
})

test('files of the server that root would read take an admin, or are known', async t => {
  const { deployer, request, state, apps, releases } = server(t)
  const path = `/h/uploads/${'a'.repeat(64)}.tgz`
  for (const more of [
    'certificate: /etc/ssl/other.pem, key: /etc/ssl/other.key',
    'root: /etc/ssl/root.pem',
  ]) {
    state.uploads[path] = `${FILE}tls: { ${more} }\n`
    await assert.rejects(deployer.planDeploy('shop', request(), 'operator'), { code: 'access.forbidden' })
    await deployer.planDeploy('shop', request(), 'admin')
  }
  await apps.create('shop', 8001)
  await releases.put(release(1, { config: readConfigOrFail(state.uploads[path]!) }), {})
  await deployer.planDeploy('shop', request(), 'operator')
})

test('a place in the folder of an app is refused, to everybody', async t => {
  const { deployer, request, state } = server(t)
  const path = `/h/uploads/${'a'.repeat(64)}.tgz`
  const inside = async (folder: string) => {
    state.uploads[path] = `${FILE}backups: { where: { near: { folder: ${folder} } } }\n`
    return deployer.planDeploy('shop', request(), 'admin').then(
      () => 'taken',
      (error: Failure) => error.code,
    )
  }
  for (const folder of ['/h/apps/shop/shared', '/h/apps/other/x/../..', '/h/backups/../apps/shop'])
    assert.equal(await inside(folder), 'config.invalid', folder)
  for (const folder of ['/mnt/backup', '/h/apps-of-others'])
    assert.equal(await inside(folder), 'taken', folder)
})

test('what is deployed has to be there, be of that app, and have its file', async t => {
  const { deployer, request, state } = server(t)
  const code = (name: string, more: Partial<DeployRequest>) =>
    deployer.planDeploy(name, request(more), 'operator').then(
      () => null,
      (error: Failure) => error.code,
    )
  assert.equal(await code('shop', { upload: undefined }), 'deploy.no-source')
  assert.equal(
    await code('shop', { upload: undefined, config: FILE }),
    'deploy.no-source',
    'a text is for a plan',
  )
  assert.equal(await code('shop', { upload: undefined, config: FILE, plan: true }), null)
  assert.equal(await code('bar', {}), 'deploy.other-name')
  state.uploads = {}
  assert.equal(await code('shop', {}), 'deploy.no-config')
})

test('a change of an app that nobody deployed says what there is, or what was meant', async t => {
  const { deployer, apps } = server(t)
  const fix = async (name: string) =>
    deployer.planRestart(name, null).then(
      () => null,
      (error: Failure) => [error.code, error.fix],
    )
  assert.deepEqual(await fix('shop'), ['app.unknown', '`inn deploy`, in the folder of an app'])
  await apps.create('shop', 1)
  assert.deepEqual(await fix('shpo'), ['app.unknown', 'did you mean shop?'])
  assert.deepEqual(await fix('hostel'), ['app.unknown', 'apps here: shop'])
  assert.deepEqual(await fix('shop'), ['app.nothing-live', '`inn deploy`'])
})

test('a rollback goes to the release that is named, or to what was live before', async t => {
  const { deployer, serves } = server(t)
  const whole = (of: typeof blue | typeof green, id: string) =>
    Object.fromEntries(['api', 'web', 'mail', 'bot'].map(service => [service, of(id)]))
  await serves(whole(green, 'r3'), whole(blue, 'r2'), [release(1), release(2), release(3)])
  assert.equal((await deployer.planRollback('shop', 'back')).release, 'r2')
  assert.equal((await deployer.planRollback('shop', 'r1')).release, 'r1')
})

test('once more goes further back, never forward again; forward has its own word', async t => {
  const { deployer, serves } = server(t)
  const whole = (of: typeof blue | typeof green, id: string) =>
    Object.fromEntries(['api', 'web', 'mail', 'bot'].map(service => [service, of(id)]))
  const to = async (way: string) => {
    const { release: id, title } = await deployer.planRollback('shop', way)
    return [id, title]
  }
  await serves(whole(blue, 'r2'), whole(green, 'r3'), [release(1), release(2), release(3)])
  assert.deepEqual(await to('back'), ['r1', 'roll shop back to r1'])
  assert.deepEqual(await to('forward'), ['r3', 'bring shop forward to r3'])
})

test('a release that cannot be returned to says why', async t => {
  const { deployer, serves } = server(t)
  const kept = [
    release(4),
    release(3, { state: 'pruned' }),
    release(2, { state: 'failed' }),
    release(1, { state: 'building' }),
  ]
  await serves({ api: green('r4') }, {}, kept)
  const why = async (id: string) =>
    deployer.planRollback('shop', id).then(
      () => null,
      (error: Failure) => `${error.code}: ${error.why}`,
    )
  assert.equal(await why('r9'), 'rollback.unusable: it was never made')
  assert.match((await why('r3'))!, /^rollback\.unusable: its files were removed/)
  assert.match((await why('r2'))!, /^rollback\.unusable: its deploy failed/)
  assert.equal(await why('r1'), 'rollback.unusable: it is being built')
  assert.match((await why('back'))!, /^rollback\.none: /)
})

test('an app that is gone is removed again only for the data that it left', async t => {
  const { deployer, state } = server(t)
  await assert.rejects(deployer.planRemove('shop', { data: true }), { code: 'app.unknown' })
  state.folders = ['/h/apps/shop']
  await assert.rejects(deployer.planRemove('shop', { data: false }), { code: 'app.unknown' })
  const plan = await deployer.planRemove('shop', { data: true })
  assert.deepEqual(plan.cleanup, [{ kind: 'app.remove', app: 'shop', data: true }])
})

test('without the files of its cluster an app is stopped, and nothing of it is started', async t => {
  const { deployer, serves, state } = server(t)
  await serves({ api: blue('r2'), web: blue('r2') }, { api: green('r1'), web: green('r1') })
  state.tables['shop'] = { routes: [], services: {} }
  state.files = false
  const gone = { code: 'database.gone', fix: /inn recovery database shop/ }
  await assert.rejects(deployer.planRestart('shop', null), gone)
  await assert.rejects(deployer.planStart('shop'), gone)
  await assert.rejects(deployer.planRollback('shop', 'back'), gone)
  await assert.rejects(deployer.planSwitch('shop', 'green'), gone)
  await assert.rejects(deployer.planScale('shop', { api: 2 }), gone)
  assert.equal((await deployer.planStop('shop')).kind, 'stop')
})
