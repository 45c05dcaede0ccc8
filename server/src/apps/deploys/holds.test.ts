import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ProxyTarget, RouteTable } from '../../reach/edge/edge.ts'
import { createHolds } from './holds.ts'

const proxy = (hold: boolean): ProxyTarget => ({
  kind: 'proxy',
  colour: 'blue',
  release: 'r1',
  peers: [],
  fallback: [],
  hold,
})
const table = (bot: boolean, api = false): RouteTable => ({
  routes: [],
  services: { bot: proxy(bot), api: proxy(api) },
})

test('how long requests were held is counted from the first table that held them until the one that lets them through', () => {
  let at = 0
  const holds = createHolds({ now: () => at })
  assert.equal(holds.routed('shop', table(false)), undefined)
  assert.equal(holds.routed('shop', table(true)), undefined)
  at = 20_000
  assert.equal(holds.routed('shop', table(true, true)), undefined, 'another one is held, too')
  assert.equal(holds.routed('other', table(false)), undefined)
  at = 31_000
  assert.deepEqual(
    ['bot', 'api', 'web'].map(name => holds.heldMs('shop', name)),
    [31_000, 11_000, null],
  )
  assert.equal(
    holds.routed('shop', table(false)),
    'requests to bot were held for 31 s and requests to api were held for 11 s',
  )
  assert.equal(holds.heldMs('shop', 'bot'), null)
})
