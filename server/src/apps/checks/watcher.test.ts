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
const shop = { name: 'shop', port: 8001, state: 'running', live: {}, warm: {}, scale: {} } as const

/** One instance of each service, whose health, process and memory the test sets. */
function world(service = 'api') {
  const state = {
    now: 1_000_000,
    pid: 7 as number | null,
    ok: true,
    rss: 1,
    crashes: 0,
    asked: 0,
    weighed: 0,
  }
  const over: Array<[number, number]> = []
  const slot = { app: 'shop', service, colour: 'blue', n: 1, port: 4001, release: 'r1' } as const
  const watcher = createWatcher({
    apps: { all: async () => [shop], ports: async () => new Map() },
    supervisor: {
      state: async name => ({
        name,
        pid: state.pid,
        crashes: state.crashes,
        seconds: 30,
        wanted: true,
        tag: 'r1',
      }),
    },
    probe: {
      async http() {
        state.asked++
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
    onOverLimit: async (_, rss, limit) => void over.push([rss, limit]),
  })
  const look = async (pass = 0) => {
    state.now += pass
    await watcher.tick()
    return (await watcher.instances('shop'))[0]!
  }
  return { state, watcher, look, over }
}

test('an instance starts until its check is good, and fails after as many bad ones in a row as its file says', async () => {
  const { state, look } = world()
  state.ok = false
  assert.equal((await look()).state, 'starting')
  state.ok = true
  assert.equal((await look(2 * SECOND)).state, 'ready')
  state.ok = false
  assert.equal((await look(10 * SECOND)).state, 'ready', 'one bad answer is no failure')
  assert.equal((await look(2 * SECOND)).state, 'failing')
  state.ok = true
  assert.equal((await look(2 * SECOND)).state, 'ready')
})

test('what is well is asked at every fifth interval, and a doubt is followed up at once', async () => {
  const { state, look } = world()
  await look()
  await look(2 * SECOND)
  await look(7.9 * SECOND)
  assert.equal(state.asked, 1)
  state.ok = false
  await look(0.1 * SECOND)
  assert.equal(state.asked, 2)
  await look(1.9 * SECOND)
  assert.equal(state.asked, 2)
  await look(0.1 * SECOND)
  assert.equal(state.asked, 3)
})

test('another process is another instance: nothing of the one before speaks for it', async () => {
  const { state, look } = world()
  assert.equal((await look()).state, 'ready')
  Object.assign(state, { pid: 8, ok: false, crashes: 1 })
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

test('it is weighed each five seconds, and told of while it is over its limit', async () => {
  const { state, look, over } = world()
  const limit = 100 * 1024 ** 2
  state.rss = limit
  await look()
  state.rss = limit + 1
  await look(4.9 * SECOND)
  assert.deepEqual([state.weighed, over], [1, []])
  assert.equal((await look(0.1 * SECOND)).rssBytes, limit + 1)
  assert.deepEqual(over, [[limit + 1, limit]])
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
