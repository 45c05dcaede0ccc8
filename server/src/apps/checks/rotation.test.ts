import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { keepRotation } from './rotation.ts'
import { BEAT_MS, createWatcher } from './watcher.ts'

const config = readConfig('name: shop\nservices: { api: { start: node a, instances: 3 } }').config!
const shop = {
  name: 'shop',
  port: 8001,
  state: 'running',
  live: { api: { release: 'r1', colour: 'blue' } },
  warm: {},
  scale: {},
} as const

/** Three instances on the ports 1, 2 and 3, and an edge that keeps what it is told. */
function world() {
  const state = { now: 1_000_000, bad: new Set<number>(), hung: new Set<number>(), pids: [11, 12, 13] }
  const told: string[] = []
  const said: string[] = []
  const clock = { now: () => state.now, sleep: async () => {} }
  const slots = [1, 2, 3].map(
    n => ({ app: 'shop', service: 'api', colour: 'blue', n, port: n, release: 'r1' }) as const,
  )
  const watcher = createWatcher({
    apps: { all: async () => [shop], ports: async () => new Map() },
    supervisor: {
      state: async name => ({
        name,
        pid: state.pids[Number(name.at(-1)) - 1]!,
        crashes: 0,
        seconds: 100,
        wanted: true,
        tag: 'r1',
      }),
    },
    probe: {
      http: () => assert.fail(),
      async tcp(port) {
        if (state.hung.has(port)) await new Promise(() => {})
        if (state.bad.has(port)) throw new Error('refused')
      },
    },
    clock,
    rss: async () => 1,
    slots: async () => slots,
    config: async () => config,
  })
  const rotate = keepRotation({
    watcher,
    edge: { leaveOut: async (_, peers) => void told.push(peers.map(peer => peer.at(-1)).join('')) },
    clock,
    say: (app, peers) => void said.push(`${app} ${peers.length}`),
  })
  /** So many seconds pass, as the keeper lives them. Answers how many until the edge was told something new. */
  const pass = async (seconds: number): Promise<number | null> => {
    const before = told.at(-1)
    let changed: number | null = null
    for (let ms = 0; ms < seconds * 1000; ms += BEAT_MS) {
      state.now += BEAT_MS
      if (ms % 1000 === 0) await watcher.tick()
      void watcher.beat()
      await rotate()
      await new Promise(setImmediate)
      if (changed === null && told.at(-1) !== before) changed = (ms + BEAT_MS) / 1000
    }
    return changed
  }
  return { state, told, said, pass, watcher, rotate }
}

test('the edge is told of what fails within interval × retries, and again when it is back', async () => {
  const { state, told, said, pass } = world()
  await pass(2)
  assert.deepEqual(told, [''], 'a new keeper says once that all are well')
  state.bad.add(2)
  const seconds = await pass(4)
  assert.ok(seconds! > 1.5 && seconds! <= 3, `after ${seconds} s`)
  assert.equal(told.at(-1), '2')
  state.bad.clear()
  assert.ok((await pass(2))! <= 1.2)
  assert.equal(told.at(-1), '')
  assert.deepEqual(said, ['shop 1', 'shop 0'])
})

test('while one is left out the edge is told so each second: it may have been started again', async () => {
  const { state, told, pass } = world()
  await pass(2)
  state.bad.add(2)
  await pass(10)
  assert.ok(told.length >= 7 && told.length <= 10, `${told.length} times`)
})

test('one by one, and never all: the last one that is well is the reason to leave others out', async () => {
  const { state, told, pass } = world()
  await pass(2)
  state.bad = new Set([1, 2])
  await pass(4)
  assert.equal(told.at(-1), '12')
  state.bad = new Set([1, 2, 3])
  await pass(4)
  assert.equal(told.at(-1), '')
  state.bad = new Set([1, 2])
  await pass(2)
  assert.equal(told.at(-1), '12')
})

test('an instance is said to be left out when the edge has been told, and until it was told otherwise', async () => {
  const { state, pass, watcher, rotate } = world()
  const left = async () => (await watcher.instances('shop')).filter(one => one.leftOut).map(one => one.n)
  await pass(2)
  state.bad.add(2)
  for (let n = 0; n < 2; n++) {
    state.now += 3_000
    await watcher.beat()
  }
  assert.equal((await watcher.instances('shop'))[1]!.state, 'failing')
  assert.deepEqual(await left(), [])
  await rotate()
  assert.deepEqual(await left(), [2])
  state.bad.clear()
  state.now += 1_000
  await watcher.beat()
  assert.deepEqual(await left(), [2])
  await rotate()
  assert.deepEqual(await left(), [])
})

test('a process that came in the place of another one is left out until it is ready', async () => {
  const { state, told, pass } = world()
  await pass(2)
  state.bad.add(3)
  state.pids[2] = 99
  await pass(1.5)
  assert.equal(told.at(-1), '3')
  state.bad.clear()
  await pass(2)
  assert.equal(told.at(-1), '')
})
