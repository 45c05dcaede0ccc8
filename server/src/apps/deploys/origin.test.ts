import assert from 'node:assert/strict'
import { test } from 'node:test'
import { server } from './deployer.fixture.ts'
import { checkOrigin, newlyKnown, sameOrigin } from './origin.ts'
import type { Origin } from './wire.ts'

const at = (more: Partial<Origin>): Origin => ({
  remote: null,
  first: [],
  folder: '',
  place: 'box:/x',
  ...more,
})

test('a repository is known by its history or its address, at one place in it', () => {
  const same: Array<[Origin, Origin]> = [
    [at({ first: ['a', 'b'] }), at({ first: ['b'], remote: 'https://new.example/x' })],
    [
      at({ remote: 'git@host.example:team/shop.git', first: ['a'] }),
      at({ remote: 'https://host.example/team/shop/' }),
    ],
    [at({ remote: 'ssh://git@host.example:22/team/shop' }), at({ remote: 'host.example:team/shop.git' })],
    [at({ place: 'box:/srv/shop' }), at({ place: 'box:/srv/shop', first: ['a'] })],
  ]
  for (const [a, b] of same) assert.ok(sameOrigin(a, b), JSON.stringify([a, b]))
  const others: Array<[Origin, Origin]> = [
    [at({ first: ['a'] }), at({ first: ['b'] })],
    [at({ remote: 'https://h/a' }), at({ remote: 'https://h/b' })],
    [at({ first: ['a'], folder: 'apps/one' }), at({ first: ['a'], folder: 'apps/two' })],
    [at({ place: 'box:/srv/shop' }), at({ place: 'box:/srv/other' })],
    [at({ place: 'box:/y' }), at({ first: ['a'] })],
  ]
  for (const [a, b] of others) assert.ok(!sameOrigin(a, b), JSON.stringify([a, b]))
})

test('what is learned of an origin is kept, and a shallow clone takes nothing away', () => {
  const next = (known: Origin, origin: Origin) => newlyKnown(known, { origin, newOrigin: false })
  const both = at({ first: ['a'], remote: 'https://h/a' })
  assert.deepEqual(next(at({}), at({ first: ['a'] })), at({ first: ['a'] }), 'the folder became a repository')
  assert.deepEqual(next(at({ first: ['a'] }), both), both)
  assert.equal(next(both, at({ remote: 'https://h/a' })), undefined)
  assert.deepEqual(
    next(both, at({ first: ['a'], remote: 'https://new/a' })),
    at({ first: ['a'], remote: 'https://new/a' }),
  )
})

test('another origin is refused in words, and taken when it is said to be one', () => {
  const known = at({ remote: 'https://host.example/team/shop' })
  const origin = at({ first: ['0123456789ab'], folder: 'web' })
  assert.throws(() => checkOrigin('shop', known, { origin, newOrigin: false }), {
    code: 'deploy.other-origin',
    why: /came from https:\/\/host\.example\/team\/shop, and this is web of a repository that begins with 0123456789/,
    fix: /inn deploy --new-origin/,
  })
  checkOrigin('shop', known, { origin, newOrigin: true })
  checkOrigin('shop', null, { origin, newOrigin: false })
  checkOrigin('shop', known, { origin: null, newOrigin: false })
})

test('an app remembers where its first live release came from, and later deploys are compared with that', async t => {
  const { deployer, request, apps, serves } = server(t)
  const origin = at({ first: ['a'] })
  const plan = await deployer.planDeploy('shop', request({ origin }), 'admin')
  const live = plan.steps.map(step => step.does).find(does => does.kind === 'app.live')
  assert.deepEqual(live?.kind === 'app.live' && live.origin, origin)
  assert.ok(plan.steps.every(({ undo }) => undo?.kind !== 'app.live' || undo.origin === undefined))
  await serves({ api: { release: 'r1', colour: 'blue' } })
  await apps.setOrigin('shop', origin)
  const other = request({ origin: at({ first: ['b'] }) })
  await assert.rejects(deployer.planDeploy('shop', other, 'admin'), { code: 'deploy.other-origin' })
  const moved = await deployer.planDeploy('shop', { ...other, newOrigin: true }, 'admin')
  const now = moved.steps.map(step => step.does).find(does => does.kind === 'app.live')
  assert.deepEqual(now?.kind === 'app.live' && now.origin, other.origin)
  const same = await deployer.planDeploy(
    'shop',
    request({ origin: at({ first: ['a'], place: 'ci:/work' }) }),
    'admin',
  )
  const kept = same.steps.map(step => step.does).find(does => does.kind === 'app.live')
  assert.equal(kept?.kind === 'app.live' && kept.origin, undefined, 'it is known already')
})
