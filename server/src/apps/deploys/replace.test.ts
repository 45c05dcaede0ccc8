import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import type { ProxyTarget } from '../../reach/edge/edge.ts'
import type { Due } from '../checks/watcher.ts'
import { planDeploy } from './changes.ts'
import { after, empty, kinds, slot, wish } from './plan.fixture.ts'
import { planReplace } from './replace.ts'

const config = readConfig(`
name: shop
services:
  api: { start: node api.js, instances: 2, memory: 100MB, drain: 5s }
  bot: { start: node bot.js, singleton: true }
  mail: { start: node mail.js, worker: true }
routes: { /: api, /bot: bot }
`).config!
const world = after(empty, planDeploy(empty, wish(1, { config })))
const portOf = (service: string, n: number) =>
  world.running.find(r => r.service === service && r.n === n)!.port
const due = (service: string, n: number, more: Partial<Due> = {}): Due => ({
  slot: slot(service, 'blue', n, portOf(service, n)),
  release: 'r1',
  why: 'failing',
  alone: false,
  rss: null,
  ...more,
})
const peers = (step: unknown) =>
  (step as { table: { services: { api: ProxyTarget } } }).table.services.api.peers

test('the others take the requests of one that fails, until its new process is ready', () => {
  const plan = planReplace(world, config, due('api', 1))
  assert.deepEqual(kinds(plan), ['edge.route', 'instances.replace', 'edge.route'])
  assert.equal((plan.steps[1]!.does as { spare: boolean }).spare, true)
  assert.equal(plan.title, 'replace api blue.1 of shop: its health fails')
  assert.deepEqual(peers(plan.steps[0]!.does), [`127.0.0.1:${portOf('api', 2)}`])
  assert.deepEqual(plan.steps[0]!.undo, plan.steps[2]!.does)
  assert.equal((plan.steps[2]!.does as { table: unknown }).table, world.table)
  assert.deepEqual([plan.locks, plan.cleanup], [['app:shop'], []])
})

test('of one with too much memory the connections may end first, for `drain` at most', () => {
  const plan = planReplace(world, config, due('api', 2, { why: 'memory', rss: 120 * 1024 ** 2 }))
  assert.equal(plan.title, 'replace api blue.2 of shop: it holds 120 MB, more than its 100 MB')
  assert.deepEqual(kinds(plan), ['edge.route', 'instances.quiet', 'instances.replace', 'edge.route'])
  assert.equal((plan.steps[1]!.does as { ms: number }).ms, 5000)
  assert.equal((plan.steps[2]!.does as unknown as { spare: boolean }).spare, false)
})

test('when no other one is well, one is started beside it first, and ends when it is back', () => {
  const plan = planReplace(world, config, due('api', 1, { alone: true }))
  assert.deepEqual(kinds(plan), [
    'slots.reserve',
    'instances.start',
    'instances.ready',
    'edge.route',
    'instances.replace',
    'edge.route',
  ])
  const [beside] = (plan.steps[1]!.does as unknown as { slots: Due['slot'][] }).slots
  assert.equal(beside!.n, 3)
  assert.deepEqual(peers(plan.steps[3]!.does), [`127.0.0.1:${portOf('api', 2)}`, `127.0.0.1:${beside!.port}`])
  assert.deepEqual(
    plan.cleanup.map(step => step.kind),
    ['instances.quiet', 'instances.stop'],
  )
})

test('requests to a singleton wait at the edge, and it never runs twice', () => {
  const plan = planReplace(world, config, due('bot', 1, { alone: true, why: 'memory', rss: 1 }))
  assert.deepEqual(kinds(plan), ['edge.route', 'instances.quiet', 'instances.replace', 'edge.route'])
  assert.equal(
    (plan.steps[0]!.does as unknown as { table: { services: { bot: ProxyTarget } } }).table.services.bot.hold,
    true,
  )
  assert.equal((plan.steps[1]!.does as { ms: number }).ms, 10_000, 'no request is held for longer')
})

test('a worker, and what is kept warm, is started again in its place', () => {
  assert.deepEqual(kinds(planReplace(world, config, due('mail', 1, { alone: true }))), ['instances.replace'])
  const warm = { ...due('api', 1, { alone: true }), slot: slot('api', 'green', 1, 99) }
  assert.deepEqual(kinds(planReplace(world, config, warm)), ['instances.replace'])
})
