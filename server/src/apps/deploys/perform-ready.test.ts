import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StepContext } from '../../engine/run.ts'
import type { Slot } from '../app/app.ts'
import { api, context, machine, mail, refused } from './instances.fixture.ts'
import { ready } from './perform-instances.ts'
import type { Meanwhile } from './step.ts'

const become = (ports: Parameters<typeof ready>[0], slots: Slot[] = [api]) =>
  ready(ports, { kind: 'instances.ready', app: 'shop', release: 'r2', slots }, context)

test('an instance is ready when its health says so, it listens itself, and its gate is open', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.answer = new Error('connection refused')
  state.sockets = []
  state.gate = false
  let ticks = 0
  const seen: string[] = []
  state.tick = () => {
    ticks++
    if (ticks === 1) state.answer = { status: 200, contentType: 'text/plain', body: '' }
    if (ticks === 2) state.sockets = [{ port: 4001, open: false }]
    if (ticks === 3) state.gate = true
    seen.push(String(state.now))
  }
  assert.equal(await become(ports), 'after 600 ms')
  assert.deepEqual(seen, ['150', '350', '600'], 'each look a little later')
})

test('what is said of visitors is so: they were served, they waited, or there were none', async () => {
  const told = async (meanwhile?: Meanwhile, held: number | null = null) => {
    const { ports, state } = machine()
    state.services = { 'shop.api.green.1': { crashes: 2, pid: null } }
    const step = { kind: 'instances.ready', app: 'shop', release: 'r2', slots: [api] } as const
    const all = { ...step, ...(meanwhile && { meanwhile }) }
    return (await refused(ready({ ...ports, heldMs: () => held }, all, context))).message
  }
  const exits = 'api of r2 exits right after it starts'
  assert.deepEqual(
    await Promise.all([told(), told('served'), told('stopped'), told('held'), told('held', 31_000)]),
    [
      exits,
      `${exits}; traffic stayed where it was`,
      `${exits}; the one before was stopped for it, and is started again`,
      `${exits}; requests to api have been held, until the one before answers again`,
      `${exits}; requests to api have been held for 31 s, until the one before answers again`,
    ],
  )
})

test('what any page would pass, and a port that is open to the network, are told', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.answer = { status: 200, contentType: 'text/html', body: '' }
  state.sockets = [
    { port: 9229, open: true },
    { port: 4001, open: true },
  ]
  const told = await become(ports)
  assert.match(told, /; the health path of api answers HTML/)
  assert.match(told, /; api listens on all interfaces \(port 9229\)/)
})

test('an instance that has run for a minute was checked when it started', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': { seconds: 61 } }
  state.sockets = []
  assert.equal(await become(ports), 'after 0 ms')
  state.services = { 'shop.api.green.1': { seconds: 60 } }
  assert.equal((await refused(become(ports))).code, 'deploy.not-ready')
})

test('a worker is ready when it stays up for two seconds, and not when it was started again', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.mail.green.1': { seconds: 0 } }
  state.tick = () => {
    state.services['shop.mail.green.1'] = { seconds: Math.floor(state.now / 1000) }
  }
  await become(ports, [mail])
  assert.ok(state.now >= 2_000 && state.now < 3_000, String(state.now))
  state.services = { 'shop.mail.green.1': { seconds: 5, crashes: 1 } }
  state.sockets = [{ port: 9229, open: false }]
  state.tick = () => {}
  const { code, why, fix } = await refused(become(ports, [mail]))
  assert.equal(code, 'deploy.not-ready')
  assert.equal(why, 'it did not stay up for two seconds without being started again')
  assert.match(fix, /inn logs shop/, 'a worker has no port to listen on')
})

test('what ends twice by itself is not waited for, and its last lines say why', async () => {
  const { ports, state, did } = machine()
  state.services = { 'shop.api.green.1': { pid: null, crashes: 1 } }
  state.log = 'starting\nError: no module pg\n'
  state.tick = () => {
    state.services = { 'shop.api.green.1': { pid: null, crashes: 2 } }
  }
  const failure = await refused(become(ports))
  assert.equal(failure.code, 'deploy.exits')
  assert.equal(state.now, 100)
  assert.deepEqual(did, ['log /h/apps/shop/logs/api.green.1 r2'])
  assert.match(failure.why, /api green\.1:\n[\s\S]*no module pg/)
  assert.match(failure.fix, /inn logs shop --release r2/)
  state.services = { 'shop.api.green.1': { pid: null, crashes: 1 } }
  state.tick = () => {}
  assert.equal((await refused(become(ports))).code, 'deploy.exits', 'a slow server had time for one end')
})

/** The failure of an instance that never becomes ready. */
async function neverReady(more: (state: ReturnType<typeof machine>['state']) => void) {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  more(state)
  const failure = await refused(become(ports))
  assert.equal(failure.code, 'deploy.not-ready')
  assert.ok(state.now >= 10_000 && state.now < 12_000, `startPeriod, and no longer: ${state.now}`)
  return failure
}

test('what never becomes ready says what was seen last, and what would help', async () => {
  const gone = await neverReady(state => {
    state.answer = new Error('connection refused')
    state.sockets = []
    state.log = 'still thinking'
  })
  assert.match(
    gone.why,
    /^it listens on no port; GET .*connection refused \(last of \d+ tries\)\nits last lines:\nstill thinking$/,
  )
  assert.match(gone.fix, /inn logs shop --release r2/)

  const elsewhere = await neverReady(state => {
    state.answer = new Error('connection refused')
    state.sockets = [{ port: 3000, open: false }]
  })
  assert.equal(elsewhere.why, 'it listens on 3000, not on $PORT (4001)')
  assert.match(elsewhere.fix, /process\.env\.PORT/)

  const missing = await neverReady(state => {
    state.answer = { status: 404, contentType: '', body: '' }
  })
  assert.match(missing.why, /answered 404, not 200/)
  assert.match(missing.fix, /correct health\.path of api/)

  const another = await neverReady(state => {
    state.sockets = [{ port: 4002, open: false }]
  })
  assert.match(another.why, /not on \$PORT/)

  const closed = await neverReady(state => {
    state.gate = false
  })
  assert.match(closed.why, /another program answers on port 4001/)
})

test('a deploy that is taken back waits no longer', async () => {
  const { ports, state } = machine()
  state.services = { 'shop.api.green.1': {} }
  state.answer = new Error('connection refused')
  const order = { signal: AbortSignal.abort(new Error('taken back')) } as StepContext
  const step = { kind: 'instances.ready', app: 'shop', release: 'r2', slots: [api] } as const
  await assert.rejects(ready(ports, step, order), /taken back/)
})
