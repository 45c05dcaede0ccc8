import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { ProxyTarget, RouteTable } from '../../reach/edge/edge.ts'
import { planDeploy } from './changes.ts'
import { after, empty, release, wish } from './plan.fixture.ts'
import { leavingFrom } from './routing.ts'
import { planRestart } from './start.ts'

const configOf = (warm: string, more = 'instances: 2') =>
  readConfig(`
name: shop
services: { web: { start: node server.js, ${more} } }
warm: ${warm}
watch: 0
`).config!
const config = configOf('10m')
const target = (table: RouteTable | null) => table!.services['web'] as ProxyTarget
const deploy = (world: typeof empty, n: number, file = config) =>
  planDeploy(world, wish(n, { config: file, current: n > 1 ? release(n - 1, { config: file }) : null }))
const first = after(empty, deploy(empty, 1))
const second = after(first, deploy(first, 2))

test('after a switch the table has the side before, for as long as that is kept', () => {
  assert.equal(target(first.table).warm, undefined)
  const { peers } = target(first.table)
  assert.deepEqual(target(second.table).warm, { release: 'r1', peers, ms: 600_000 })
  assert.equal(target(leavingFrom(second.table!, 1_000)).warm!.until, 601_000)
})

test('a side that is not kept, that runs the same release or must run once is asked for nothing', () => {
  assert.equal(target(after(first, deploy(first, 2, configOf('0'))).table).warm, undefined)
  const once = configOf('10m', 'singleton: true')
  const begun = after(empty, deploy(empty, 1, once))
  assert.equal(target(after(begun, deploy(begun, 2, once)).table).warm, undefined)
  const again = planRestart(first, release(1, { config }), null)
  assert.equal(target(after(first, again).table).warm, undefined)
})

test('the next switch leaves the side that it leaves, and no earlier one', () => {
  assert.equal(target(after(second, deploy(second, 3)).table).warm!.release, 'r2')
})
