import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headersBy } from '../../config/answers.ts'
import { planDeploy } from './changes.ts'
import { after, config, empty, wish } from './plan.fixture.ts'
import { checkGiven } from './request.ts'
import { planStop } from './scale.ts'

const RULES = { trustedProxies: ['loopback'], allow: ['10.0.0.0/8'], deny: ['10.0.0.1'], blocked: ['/seed'] }

test('a deploy brings what the edge takes from whom with the switch, and a stop leaves it', () => {
  const serving = after(empty, planDeploy(empty, wish(1, { config: { ...config, ...RULES } })))
  const guard = {
    trusted: ['127.0.0.0/8', '::1'],
    allow: ['10.0.0.0/8'],
    deny: ['10.0.0.1'],
    blocked: ['/seed'],
    limits: [],
    headers: headersBy({}),
    redirects: {},
    pages: {},
  }
  assert.deepEqual(serving.table?.guard, guard)
  const stopped = after(serving, planStop(serving))
  assert.deepEqual(stopped.table, { routes: [], services: {}, guard })
})

test('a rate is the site’s, whom and what it counts stands in the table, and a site without a limit says nothing of it', () => {
  const rateLimit = [
    { rate: '50/s', path: '/', by: 'address', burst: 100 },
    { rate: '7/m', path: '/login', by: { header: 'X-Key' }, burst: 0 },
  ]
  const limited = after(empty, planDeploy(empty, wish(1, { config: { ...config, rateLimit } })))
  assert.deepEqual(limited.site?.limits, [
    { requests: 50, per: 'second', burst: 100 },
    { requests: 7, per: 'minute', burst: 0 },
  ])
  assert.deepEqual(limited.table?.guard?.limits, [
    { path: '/', by: { by: 'address' }, retrySeconds: 1 },
    { path: '/login', by: { by: 'header', name: 'X-Key' }, retrySeconds: 9 },
  ])
  assert.ok(!('limits' in after(empty, planDeploy(empty, wish(1))).site!))
})

test('a password stands in no plan: the table names the secret', () => {
  const basicAuth = { user: 'staging', password: { from: 'STAGING' } }
  const plan = planDeploy(empty, wish(1, { config: { ...config, basicAuth } }))
  assert.deepEqual(after(empty, plan).table?.guard?.login, { user: 'staging', secret: 'STAGING' })
  assert.throws(() => checkGiven('shop', { ...config, basicAuth }, {}), { code: 'env.missing' })
  assert.doesNotThrow(() => checkGiven('shop', { ...config, basicAuth }, { STAGING: 'x' }))
})

test('pages of the app lie in the release whose files it runs', () => {
  const errorPages = { 502: 'pages/down.html' }
  const plan = (more: object) => planDeploy(empty, wish(1, { config: { ...config, errorPages }, ...more }))
  assert.deepEqual(after(empty, plan({})).table?.guard?.pages, { 502: '/rel/r1/pages/down.html' })
})
