import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Plan, sentence } from '../../engine/plan.ts'
import type { ProxyTarget, RouteTable, StaticTarget } from '../../reach/edge/edge.ts'
import { peer, type Slot } from '../app/app.ts'
import { planDeploy, planRollback, planSwitch } from './changes.ts'
import {
  after,
  empty,
  failsWith,
  first,
  kinds,
  peersOf,
  release,
  second,
  slot,
  wish,
} from './plan.fixture.ts'
import { planScale, planStop } from './scale.ts'
import { planRestart } from './start.ts'
import { type DeployStep, sentences } from './step.ts'

test('a first deploy builds, migrates, starts blue, and only then lets traffic in', () => {
  const plan = planDeploy(empty, wish(1))
  const order = kinds(plan)
  assert.ok(order.indexOf('release.build') < order.indexOf('release.migrate'))
  assert.ok(order.indexOf('release.migrate') < order.indexOf('instances.start'))
  assert.ok(order.lastIndexOf('instances.ready') < order.indexOf('edge.route'))
  assert.ok(order.indexOf('edge.route') < order.indexOf('edge.watch'))
  assert.ok(order.indexOf('edge.watch') < order.indexOf('app.live'))
  const world = after(empty, plan)
  assert.deepEqual(peersOf(world.table, 'api'), [
    peer(slot('api', 'blue', 1, 1)),
    peer(slot('api', 'blue', 2, 2)),
  ])
  assert.equal(world.app.live['web']!.release, 'r1')
})

test('every step says what it does in one sentence', () => {
  for (const plan of [planDeploy(empty, wish(1)), planDeploy(first(), wish(2)), planStop(second())]) {
    for (const step of [...plan.steps.flatMap(s => (s.undo ? [s.does, s.undo] : [s.does])), ...plan.cleanup])
      assert.match(sentence(sentences, step), /^\S.{3,}/)
  }
})

test('a second deploy goes to the other colour, keeps the first serving until the switch, and can switch back', () => {
  const plan = planDeploy(first(), wish(2))
  const stops = plan.steps
    .filter(s => s.does.kind === 'instances.stop')
    .flatMap(s => (s.does as unknown as { slots: Slot[] }).slots)
  assert.deepEqual(
    stops.map(s => s.service),
    ['bot'],
    'only the singleton stops before the switch',
  )
  const to = plan.steps.find(s => s.does.kind === 'edge.route' && s.does.says.startsWith('switch'))!
  const { services } = (to.undo as { table: RouteTable }).table
  assert.equal((services['bot'] as ProxyTarget).hold, true, 'the old singleton does not run again yet')
  const undos = plan.steps.flatMap(s => (s.undo?.kind === 'edge.route' ? [s.undo.table] : []))
  assert.deepEqual(undos[0], first().table, 'what is undone last lets everything through again')
  assert.equal(second().app.live['api']!.colour, 'green')
  assert.deepEqual(second().app.warm['api'], { release: 'r1', colour: 'blue' })
})

test('while it is watched, the old side lends its instances; afterwards the new one stands alone', () => {
  const routes = planDeploy(first(), wish(2)).steps.flatMap(s =>
    s.does.kind === 'edge.route' && s.does.table.services['api']
      ? [(s.does.table.services['api'] as ProxyTarget).fallback.length]
      : [],
  )
  assert.deepEqual(routes, [0, 2, 0], 'the hold of the singleton, the switch, the end')
})

test('a singleton never runs twice: its requests wait, the old one stops, then the new one starts', () => {
  const plan = planDeploy(first(), wish(2))
  const about = plan.steps.filter(
    ({ does }) =>
      ('slots' in does &&
        does.slots.some(s => s.service === 'bot') &&
        does.kind !== 'slots.reserve' &&
        does.kind !== 'edge.watch') ||
      (does.kind === 'edge.route' && (does.table.services['bot'] as ProxyTarget)?.hold),
  )
  assert.deepEqual(
    about.map(s => s.does.kind),
    ['edge.route', 'instances.drain', 'instances.stop', 'instances.start', 'instances.ready'],
  )
  assert.deepEqual(
    about.slice(0, 3).map(s => s.undo!.kind),
    ['edge.route', 'instances.ready', 'instances.start'],
    'undone in the other order: the old one runs again, is ready, and only then gets requests',
  )
})

test('each step that waits for instances says what visitors have meanwhile', () => {
  const said = (plan: Plan<DeployStep>) =>
    plan.steps.flatMap(({ does }) =>
      does.kind === 'instances.ready'
        ? [`${[...new Set(does.slots.map(s => s.service))]} ${does.meanwhile ?? '-'}`]
        : [],
    )
  assert.deepEqual(said(planDeploy(empty, wish(1))), ['api,mail -', 'bot -'])
  assert.deepEqual(said(planDeploy(first(), wish(2))), ['api,mail served', 'bot held'])
  const routed = { ...first(), table: { ...first().table!, services: {} } }
  assert.deepEqual(said(planDeploy(routed, wish(2))), ['api,mail served', 'bot stopped'])
})

test('workers of the old side end after the switch, web instances stay warm', () => {
  const { cleanup } = planDeploy(first(), wish(2))
  assert.deepEqual(
    cleanup.flatMap(s => (s.kind === 'instances.stop' ? s.slots.map(x => x.service) : [])),
    ['mail'],
  )
  assert.deepEqual(
    cleanup.flatMap(s => (s.kind === 'old.keep' ? s.moves.map(m => m.service) : [])),
    ['api'],
  )
})

test('a deploy that needs a warm colour lets its sockets end before it stops it', () => {
  const order = planDeploy(second(), wish(3)).steps.map(s => s.does)
  const drain = order.findIndex(s => s.kind === 'instances.drain')
  assert.ok(drain >= 0 && order[drain + 1]!.kind === 'instances.stop')
})

test('--only builds and moves that service alone, and lends the files of the others', () => {
  const plan = planDeploy(second(), wish(3, { only: ['web'], current: release(2) }))
  assert.deepEqual(
    plan.steps.flatMap(s => (s.does.kind === 'release.build' ? [s.does.service] : [])),
    ['web'],
  )
  assert.ok(!kinds(plan).includes('instances.start'))
  const world = after(second(), plan)
  assert.deepEqual(peersOf(world.table, 'api'), peersOf(second().table, 'api'))
  const web = world.table!.services['web'] as StaticTarget
  assert.deepEqual([web.roots[0], web.tree, web.shared], ['/rel/r3/web', '/rel/r3', '/shared'])
  failsWith('deploy.unknown-service', () => planDeploy(second(), wish(3, { only: ['wbe'] })))
  failsWith('deploy.first-is-whole', () => planDeploy(empty, wish(1, { only: ['web'] })))
})

test('--only without the service of the release step leaves that step out, and says so', () => {
  const kinds = (only: string[]) => {
    const plan = planDeploy(second(), wish(3, { only }))
    return { migrates: plan.steps.some(s => s.does.kind === 'release.migrate'), notices: plan.notices }
  }
  assert.deepEqual(kinds(['web']), {
    migrates: false,
    notices: ['the release step is left out: it belongs to api, which stays as it is'],
  })
  assert.deepEqual(kinds(['api']), { migrates: true, notices: [] })
})

test('a warm rollback starts nothing but workers and singletons, switches, and says which migrations stay', () => {
  const plan = planRollback(
    second(),
    release(1),
    [release(2, { migrations: ['0002_loyalty'] }), release(1)],
    null,
  )
  const started = plan.steps.flatMap(s =>
    s.does.kind === 'instances.start' ? s.does.slots.map(x => x.service) : [],
  )
  assert.deepEqual(started, ['mail', 'bot'])
  assert.match(plan.notices[0]!, /1 migration ran since r1 and stays: 0002_loyalty \(r2\)/)
  const back = after(second(), plan)
  assert.equal(back.app.live['api']!.release, 'r1')
  assert.deepEqual(back.app.warm['api'], { release: 'r2', colour: 'green' })
  failsWith('rollback.already', () => planRollback(second(), release(2), [release(2), release(1)], null))
})

test('after any sequence of changes, what takes traffic runs, on one colour for each service, and no port is used twice', () => {
  let world = first()
  const releases = [release(1)]
  const moves = [
    () => planDeploy(world, wish(releases.length + 1, { current: releases.at(-1) })),
    () => planRollback(world, releases.find(r => r.id === world.app.warm['api']?.release)!, releases, null),
    () => planRestart(world, releases.find(r => r.id === world.app.live['api']!.release)!, null),
    () =>
      planScale(world, releases.find(r => r.id === world.app.live['api']!.release)!, {
        api: (world.running.length % 3) + 1,
      }),
  ]
  for (let i = 0; i < 40; i++) {
    world = { ...world, free: Array.from({ length: 30 }, (_, k) => 1000 + i * 30 + k) }
    const plan = moves[(i * 7 + (i >> 2)) % moves.length]!()
    if (plan.kind === 'deploy') releases.push(release(releases.length + 1))
    world = after(world, plan)
    const ports = world.running.map(r => r.port)
    assert.equal(new Set(ports).size, ports.length)
    for (const service of ['api', 'bot']) {
      const live = world.app.live[service]!
      const running = world.running.filter(
        r => r.service === service && r.colour === live.colour && r.release === live.release,
      )
      assert.deepEqual(
        new Set(peersOf(world.table, service)),
        new Set(running.map(peer)),
        `${plan.kind} ${i} ${service}`,
      )
    }
    assert.ok(world.running.filter(r => r.service === 'bot').length === 1, 'one bot')
    assert.ok(world.running.filter(r => r.service === 'mail').length === 1, 'one worker')
  }
})

test('switch goes to a colour where a release stands, and says so when none does', () => {
  assert.equal(planSwitch(second(), 'blue', [release(1), release(2)], null).release, 'r1')
  failsWith('switch.nothing', () => planSwitch(second(), 'green', [release(2)], null))
})

test('before a release step the moment is named, and what is wrong with the backups is said', () => {
  const plan = planDeploy(first(), wish(2, { point: 'before-r2', warnings: ['no good backup'] }))
  const order = kinds(plan)
  assert.equal(order.indexOf('database.point') + 1, order.indexOf('release.migrate'))
  assert.ok(plan.notices.includes('no good backup'))
  assert.ok(
    !kinds(planDeploy(empty, wish(1))).includes('database.point'),
    'there is nothing yet to return to',
  )
})

test('what was given is kept before anything is made with it, and a deploy that fails returns to what was before', () => {
  const given = { id: 'x1', names: ['KEY', 'TOKEN'] }
  const [step] = planDeploy(first(), wish(2, { given })).steps
  const named = { app: 'shop', given: 'x1', names: ['KEY', 'TOKEN'] }
  assert.deepEqual(step, {
    does: { kind: 'secrets.keep', ...named },
    undo: { kind: 'secrets.back', ...named },
  })
  assert.ok(!kinds(planDeploy(empty, wish(1))).includes('secrets.keep'))
})

test('where no build would see a difference, nothing is built, and the earlier files serve', () => {
  const reuse = { from: release(2), changed: null }
  const plan = planDeploy(second(), wish(3, { reuse }))
  assert.ok(!kinds(plan).includes('release.build'))
  const order = plan.steps.map(s => s.does)
  const used = order.findIndex(s => s.kind === 'release.reuse')
  assert.deepEqual(order[used], {
    kind: 'release.reuse',
    app: 'shop',
    release: 'r3',
    from: 'r2',
    services: ['api', 'web', 'mail', 'bot'],
  })
  assert.ok(used < kinds(plan).indexOf('release.migrate'), 'the release step needs them')
  assert.deepEqual(
    order.flatMap(s => (s.kind === 'release.take' ? [s.reuse] : [])),
    ['r2'],
  )
  assert.match(plan.notices[0]!, /nothing that a build sees changed since r2.*--fresh/)
  const web = after(second(), plan).table!.services['web'] as StaticTarget
  assert.deepEqual([web.release, web.roots[0], web.tree], ['r3', '/rel/r2/web', '/rel/r2'])
  const only = planDeploy(second(), wish(3, { reuse, only: ['web'] }))
  assert.deepEqual(
    only.steps.flatMap(s => (s.does.kind === 'release.reuse' ? [s.does.services] : [])),
    [['web']],
  )
  const written = planDeploy(
    second(),
    wish(3, { reuse: { from: null, changed: { in: 'r2', path: 'a.js' } } }),
  )
  assert.ok(kinds(written).includes('release.build'))
  assert.match(written.notices[0]!, /r2 .* a\.js is not as it was built any more: it is built anew/)
})
