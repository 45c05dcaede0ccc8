import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { ProxyTarget, RouteTable } from '../../reach/edge/edge.ts'
import { planDeploy } from './changes.ts'
import { after, empty, kinds, release, wish } from './plan.fixture.ts'
import { leavingFrom } from './routing.ts'
import { planRestart } from './start.ts'
import type { DeployStep } from './step.ts'

const configOf = (affinity: string) =>
  readConfig(`
name: shop
services:
  api: { start: node api.js, instances: 2, drain: 20s, ${affinity === '' ? '' : `affinity: ${affinity}`} }
watch: 0
`).config!
const config = configOf('cookie')
const target = (table: RouteTable | null) => table!.services['api'] as ProxyTarget
const routes = (steps: readonly DeployStep[]) =>
  steps.flatMap(step => (step.kind === 'edge.route' ? [target(step.table)] : []))
const deploy = (world: typeof empty, n: number, file = config) =>
  planDeploy(world, wish(n, { config: file, current: n > 1 ? release(n - 1, { config: file }) : null }))
const first = after(empty, deploy(empty, 1))

test('the table says how clients come back', () => {
  const of = (affinity: string) => target(after(empty, deploy(empty, 1, configOf(affinity))).table).affinity
  assert.deepEqual(of('cookie'), { by: 'cookie' })
  assert.deepEqual(of('address'), { by: 'address' })
  assert.deepEqual(of('header'), { by: 'header', name: 'X-Session-Id' })
  assert.deepEqual(of('{ header: X-Room }'), { by: 'header', name: 'X-Room' })
  assert.equal(of(''), undefined)
  assert.equal(target(first.table).leaving, undefined, 'at first there is nobody to leave')
})

test('a switch lets clients of the old side stay there for as long as its sockets may', () => {
  const second = after(first, deploy(first, 2))
  assert.deepEqual(target(second.table).leaving, {
    release: 'r1',
    peers: target(first.table).peers,
    ms: 20_000,
  })
  const again = planRestart(second, release(2, { config }), null)
  assert.equal(routes(again.steps.map(s => s.does)).at(-1)!.leaving!.release, 'r2')
})

test('nobody goes to the old side any more when its instances make room for another release', () => {
  const second = after(first, deploy(first, 2))
  const plan = deploy(second, 3)
  const stop = kinds(plan).indexOf('instances.stop')
  const before = plan.steps[stop - 1]!.does
  assert.equal(before.kind, 'edge.route')
  assert.deepEqual([routes([before])[0]!.release, routes([before])[0]!.leaving], ['r2', undefined])
  const undone = routes(plan.steps.flatMap(s => (s.undo === null ? [] : [s.undo])))
  assert.ok(undone.every(one => one.leaving === undefined))
})

test('the time begins with the switch, and a table that is written again does not begin it anew', () => {
  const table = after(first, deploy(first, 2)).table!
  const now = leavingFrom(table, 1_000)
  assert.equal(target(now).leaving!.until, 21_000)
  assert.equal(leavingFrom(now, 9_000), now)
  assert.equal(leavingFrom(first.table!, 1), first.table)
})
