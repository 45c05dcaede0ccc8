import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { createWatcher } from './watcher.ts'

const config = readConfig(`
name: shop
services:
  api: { start: node api.js, memory: 100MB, health: { path: /up, interval: 2s, retries: 2 } }
  mail: { start: node mail.js, worker: true }
`).config!
const SECOND = 1000
const shop = {
  name: 'shop',
  port: 8001,
  state: 'running',
  live: { api: { release: 'r1', colour: 'blue' } },
  warm: {},
  scale: {},
} as const

/** One instance of each service, whose health, process and memory the test sets. */
function world(service = 'api', colour: 'blue' | 'green' = 'blue') {
  const state = {
    now: 1_000_000,
    pid: 7 as number | null,
    ok: true,
    rss: 1,
    crashes: 0,
    asked: 0,
    weighed: 0,
    seconds: 30,
    hangs: false,
  }
  const slot = { app: 'shop', service, colour, n: 1, port: 4001, release: 'r1' } as const
  const watcher = createWatcher({
    apps: { all: async () => [shop], ports: async () => new Map() },
    supervisor: {
      state: async name => ({
        name,
        pid: state.pid,
        crashes: state.crashes,
        seconds: state.seconds,
        wanted: true,
        tag: 'r1',
      }),
    },
    probe: {
      async http() {
        state.asked++
        if (state.hangs) await new Promise(() => {})
        if (!state.ok) throw new Error('connection refused')
        return { status: 200, contentType: 'text/plain', body: '' }
      },
      async tcp() {
        state.asked++
      },
    },
    clock: { now: () => state.now, sleep: async () => {} },
    async rss() {
      state.weighed++
      return state.rss
    },
    slots: async () => [slot],
    config: async (_, release) => (release === 'r1' ? config : null),
  })
  const look = async (pass = 0) => {
    for (let left = pass; ; left -= 500) {
      state.now += Math.min(500, left)
      await watcher.tick()
      await watcher.beat()
      if (left <= 500) break
    }
    return (await watcher.instances('shop'))[0]!
  }
  return { state, watcher, look }
}

test('an instance starts until its check is good, and fails when no good answer came for as long as its file says', async () => {
  const { state, look } = world()
  state.ok = false
  state.seconds = 0
  assert.equal((await look()).state, 'starting')
  state.ok = true
  assert.equal((await look(2 * SECOND)).state, 'ready')
  state.ok = false
  assert.equal((await look(2 * SECOND)).state, 'ready', 'one bad answer is no failure')
  assert.equal((await look(1.8 * SECOND)).state, 'failing')
  state.ok = true
  assert.equal((await look(2 * SECOND)).state, 'ready')
})

test('the ends of an instance are remembered for two minutes, and not those from before it was looked at', async () => {
  const { state, look } = world()
  state.crashes = 4
  assert.equal((await look()).ends, 0)
  for (let n = 0; n < 3; n++) {
    state.crashes++
    state.pid = 8 + n
    state.seconds = 0
    await look(12 * SECOND)
  }
  assert.equal((await look()).ends, 3)
  await look(90 * SECOND)
  assert.equal((await look(10 * SECOND)).ends, 1)
  assert.equal((await look(30 * SECOND)).ends, 0)
})

test('it is asked at every interval, and not again while an answer is waited for', async () => {
  const { state, look, watcher } = world()
  await look()
  await look(1.9 * SECOND)
  assert.equal(state.asked, 1)
  await look(0.1 * SECOND)
  assert.equal(state.asked, 2)
  state.hangs = true
  state.now += 2 * SECOND
  void watcher.beat()
  state.now += 9 * SECOND
  void watcher.beat()
  assert.equal(state.asked, 3)
})

test('what takes no traffic is asked less often while it is well, and at every interval when it is not', async () => {
  const { state, look } = world('api', 'green')
  await look()
  await look(9.5 * SECOND)
  assert.equal(state.asked, 1)
  state.ok = false
  await look(SECOND)
  assert.equal(state.asked, 2)
  assert.equal((await look(SECOND)).state, 'ready', 'it was not asked for a while, which is not its fault')
  assert.equal((await look(2 * SECOND)).state, 'failing')
  assert.equal(state.asked, 3)
})

test('a keeper that stood still blames no instance for that', async () => {
  const { state, look } = world()
  await look()
  state.ok = false
  state.now += 60 * SECOND
  assert.equal((await look()).state, 'ready')
})

test('a process that had its time to start and does not answer is failing, for a new keeper too', async () => {
  const { state, look } = world()
  Object.assign(state, { ok: false, seconds: 60 })
  assert.equal((await look()).state, 'failing')
})

test('another process is another instance: nothing of the one before speaks for it', async () => {
  const { state, look } = world()
  assert.equal((await look()).state, 'ready')
  Object.assign(state, { pid: 8, ok: false, crashes: 1, seconds: 0 })
  const seen = await look()
  assert.deepEqual([seen.state, seen.pid, seen.restarts], ['starting', 8, 1])
  assert.equal(state.asked, 2, 'it is asked at once')
})

test('without a process it is down, is not asked, and has neither memory nor age', async () => {
  const { state, look } = world()
  await look()
  state.pid = null
  const seen = await look(60 * SECOND)
  assert.deepEqual([seen.state, seen.rssBytes, seen.uptimeSeconds], ['down', null, null])
  assert.equal(state.asked, 1)
})

test('it is weighed each five seconds, and due for replacement while it is over its limit', async () => {
  const { state, look, watcher } = world()
  const limit = 100 * 1024 ** 2
  state.rss = limit
  await look()
  state.rss = limit + 1
  await look(4.9 * SECOND)
  assert.deepEqual([state.weighed, watcher.due()], [1, []])
  assert.equal((await look(0.1 * SECOND)).rssBytes, limit + 1)
  const due = watcher.due()[0]!
  assert.deepEqual(
    [due.why, due.alone, due.rss, due.release, due.slot.n],
    ['memory', true, limit + 1, 'r1', 1],
  )
  watcher.replaced(due)
  assert.deepEqual(watcher.due(), [], 'it is given time')
  await look(19.9 * SECOND)
  assert.deepEqual(watcher.due(), [])
  await look(0.1 * SECOND)
  assert.equal(watcher.due()[0]?.why, 'memory', 'the bound holds, but not without a pause')
})

test('one that fails for long enough is due, then after a longer wait, and from the start when it was well for long', async () => {
  const { state, look, watcher } = world()
  const untilDue = async () => {
    for (let seconds = 0; seconds < 1000; seconds += 0.5) {
      await look(0.5 * SECOND)
      if (watcher.due().length > 0) return seconds
    }
    return null
  }
  await look()
  state.ok = false
  const first = await untilDue()
  watcher.replaced(watcher.due()[0]!)
  const second = await untilDue()
  watcher.replaced(watcher.due()[0]!)
  const third = await untilDue()
  assert.deepEqual([Math.round(first!), Math.round(second!), Math.round(third!)], [14, 20, 40])
  state.ok = true
  for (let n = 0; n < 310; n++) await look(SECOND)
  state.ok = false
  assert.ok(Math.abs((await untilDue())! - 14) <= 1)
})

test('a worker is well while it runs: nobody asks it, and it has no port', async () => {
  const { state, look } = world('mail')
  const seen = await look()
  assert.deepEqual([seen.state, seen.port, state.asked], ['ready', null, 0])
})

test('after a change what was seen before is no answer: it is looked at again, once', async () => {
  const { state, watcher, look } = world()
  assert.equal((await look()).pid, 7)
  state.pid = 9
  assert.equal((await watcher.instances('shop'))[0]!.pid, 7)
  watcher.changed()
  assert.equal((await watcher.instances('shop'))[0]!.pid, 9)
  const { weighed } = state
  state.now += 60 * SECOND
  await watcher.instances('shop')
  assert.equal(state.weighed, weighed, 'nobody looks without a reason')
  assert.deepEqual(await watcher.instances('none'), [])
})
