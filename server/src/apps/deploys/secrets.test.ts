import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfigOrFail } from '../../config/read.ts'
import { secretUses } from '../releases/secret-uses.ts'
import { planDeploy } from './changes.ts'
import { after, empty, kinds, release, wish } from './plan.fixture.ts'
import { neededBy, planGraceEnd, planSecrets } from './secrets.ts'

const config = readConfigOrFail(`
name: shop
services:
  api:
    start: node api.js
    env: { STRIPE: { from: STRIPE_KEY } }
    build: [npm run build]
    buildEnv: { SENTRY: { from: SENTRY } }
  web: { static: dist, build: [npm run web] }
  mail: { start: node mail.js, worker: true }
env: { JWT: { generate: 64 }, PLAIN: text }
routes: { /api: api, /: web }
basicAuth: { user: anna, password: { from: DOOR } }
database: { url: { from: DB } }
`)
const world = after(empty, planDeploy(empty, wish(1, { config })))
const serving = {
  world,
  release: release(1, { config }),
  number: 2,
  artifacts: { api: 'r1', web: 'r1', mail: 'r1' },
  newer: [],
}
const planOf = (names: string[], more = {}) =>
  planSecrets({
    app: 'shop',
    given: { id: 'g', names },
    same: [],
    earlier: {},
    stopped: false,
    serving,
    ...more,
  })

test('everything that reads a secret is known, with when another value arrives there', () => {
  assert.deepEqual(
    secretUses(config).map(({ secret, by, when, generated }) => [secret, by, when, generated]),
    [
      ['JWT', 'api', 'start', 64],
      ['STRIPE_KEY', 'api', 'start', null],
      ['JWT', 'mail', 'start', 64],
      ['SENTRY', 'the build of api', 'build', null],
      ['DB', 'the database', 'start', null],
      ['DOOR', 'the sign-in of the site', 'start', null],
    ],
  )
  assert.deepEqual(neededBy(config, { DB: 'x', DOOR: 'y' }), ['STRIPE_KEY', 'SENTRY'])
})

test('a value that services read: a release of the same files in the other colour, without a build or a release step', () => {
  const plan = planOf(['JWT'])
  assert.deepEqual(kinds(plan).slice(0, 5), [
    ...['secrets.keep', 'release.again', 'slots.reserve', 'release.finish', 'instances.start'],
  ])
  assert.ok(!kinds(plan).some(kind => ['release.build', 'release.take', 'release.migrate'].includes(kind)))
  assert.deepEqual([plan.release, plan.notices], ['r2', []])
  const then = after(world, plan)
  for (const service of ['api', 'mail', 'web'])
    assert.deepEqual(then.app.live[service], { release: 'r2', colour: 'green' }, service)
})

test('what nothing that runs reads is only kept, and that is said', () => {
  const unread = planOf(['LATER'])
  assert.deepEqual([kinds(unread), unread.release], [['secrets.keep'], null])
  assert.match(unread.notices.join(), /nothing of r1 reads LATER/)
  const build = planOf(['SENTRY'])
  assert.deepEqual(kinds(build), ['secrets.keep'])
  assert.match(
    build.notices.join(),
    /the build of api reads SENTRY: there it holds from the next `inn deploy` on/,
  )
  const early = planOf(['JWT'], { serving: null })
  assert.deepEqual([kinds(early), early.notices], [['secrets.keep'], []])
  assert.match(planOf(['JWT'], { serving: null, stopped: true }).notices.join(), /shop is stopped/)
})

test('an earlier value comes to who reads the secret, and goes from there', () => {
  const plan = planOf(['OLD_JWT'], { earlier: { OLD_JWT: 'JWT' } })
  assert.ok(kinds(plan).includes('release.again'))
  assert.deepEqual(plan.notices, [])
  assert.deepEqual(kinds(planOf(['OLD'], { earlier: { OLD: 'LATER' } })), ['secrets.keep'])
})

test('the end of a grace takes its variables away, and nothing else of what serves', () => {
  const plan = planGraceEnd({ app: 'shop', variables: ['OLD'], given: null, serving })
  const made = plan.steps.map(s => s.does).find(does => does.kind === 'release.again')
  assert.deepEqual(made, {
    ...{ kind: 'release.again', app: 'shop', release: 'r2', from: 'r1', number: 2 },
    without: ['OLD'],
  })
  assert.ok(!kinds(plan).includes('secrets.keep'))
  const kept = planGraceEnd({ app: 'shop', variables: ['OLD'], given: { id: 'g', names: ['OLD'] }, serving })
  assert.equal(kinds(kept)[0], 'secrets.keep')
})

test('what came before a rollback and comes back with another value is said', () => {
  const plan = planOf(['JWT'], { serving: { ...serving, newer: ['JWT', 'STRIPE_KEY'] } })
  assert.match(
    plan.notices.join(),
    /^STRIPE_KEY has another value than r1 was started with, perhaps before a rollback: it comes/,
  )
})

test('after a partial deploy each service goes on with the files that it runs', () => {
  const plan = planOf(['JWT'], { serving: { ...serving, artifacts: { api: 'r1', web: 'r0', mail: 'r1' } } })
  const routed = plan.steps.flatMap(({ does }) =>
    does.kind === 'edge.route' ? [JSON.stringify(does.table)] : [],
  )
  assert.match(routed.at(-1)!, /\/rel\/r0\/web/)
})

test('a value that stays as it is makes no release', () => {
  const plan = planOf(['JWT'], { same: ['JWT'] })
  assert.deepEqual([kinds(plan), plan.notices], [['secrets.keep'], []])
  assert.equal(plan.title, 'JWT of shop has the same value as before')
  const two = planOf(['JWT', 'credential:TOKEN'], { same: ['JWT'], serving: null })
  assert.equal(two.title, 'keep JWT and the credential TOKEN of shop')
  assert.deepEqual(planOf(['credential:TOKEN']).notices, [])
})
