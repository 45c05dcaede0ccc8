import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDrain } from '../src/drain.ts'

async function listening(
  t: TestContext,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
) {
  const server = createServer(answer)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.close()
    server.closeAllConnections()
  })
  return server
}
const portOf = (server: Server) => (server.address() as AddressInfo).port

function watched(server?: Server, graceMs = 5_000) {
  const codes: number[] = []
  const order: string[] = []
  const drain = createDrain({
    ...(server === undefined ? {} : { server }),
    ...{ graceMs, signals: [], exit: (code: number) => void codes.push(code) },
    health: { end: () => void order.push('not ready') },
  })
  return { drain, codes, order }
}

test('a request that is under way is answered, a connection that waits is closed, and a new one is refused', async t => {
  const server = await listening(t, (_, response) => {
    setTimeout(() => response.end('whole'), 300)
  })
  const port = portOf(server)
  const agent = new Agent({ keepAlive: true })
  const ask = (by: Agent | false = agent) =>
    new Promise<IncomingMessage>((resolve, reject) =>
      get({ port, host: '127.0.0.1', agent: by }, resolve).on('error', reject),
    )
  await text(await ask())
  const { drain, codes, order } = watched(server)
  const under = ask()
  await sleep(100)
  drain.after(() => void order.push('pool'))
  const ended = drain.begin()
  assert.deepEqual([order, drain.signal.aborted], [['not ready'], true])
  const answer = await under
  // Whoever keeps connections does not send the next request here.
  assert.equal(answer.headers.connection, 'close')
  assert.equal(await text(answer), 'whole')
  await ended
  assert.deepEqual([codes, order], [[0], ['not ready', 'pool']])
  await assert.rejects(ask(false), { code: 'ECONNREFUSED' })
})

test('streams end with a time to come back, sockets are closed, and one that comes late is ended at once', async t => {
  const { drain, codes } = watched(undefined)
  const server = await listening(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
    drain.stream(response)
  })
  const opened = async () =>
    text((await once(get({ port: portOf(server), host: '127.0.0.1' }), 'response'))[0])
  const stream = opened()
  await sleep(100)
  await drain.begin()
  assert.match(await stream, /^data: 1\n\nretry: \d{3,4}\n\n$/)
  assert.match(await opened(), /retry: /)
  assert.deepEqual(codes, [0])

  const upgrading = await listening(t, () => {})
  upgrading.on('upgrade', (_, socket) => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  const other = watched(upgrading)
  const socket = connect(portOf(upgrading), '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n')
  await once(socket, 'data')
  const gone = once(socket, 'end')
  await other.drain.begin()
  await gone
  assert.deepEqual(other.codes, [0])
})

test('work in hand ends before what it needs is closed, also what another work begins; what fails keeps nothing up', async () => {
  const { drain, order } = watched()
  const job = async (name: string, ms: number) => {
    await sleep(ms)
    order.push(name)
  }
  void drain.during(job('first', 50).then(() => void drain.during(job('second', 50))))
  await assert.rejects(drain.during(Promise.reject(new Error('its own caller hears of it'))))
  drain.before(() => Promise.reject(new Error('a queue that cannot be closed')))
  drain.after(() => void order.push('pool'))
  drain.after(() => void order.push('log'))
  await Promise.all([drain.begin(), drain.begin()])
  assert.deepEqual(order, ['not ready', 'first', 'second', 'pool', 'log'])
})

test('what does not end in time is left, and the exit says so', async () => {
  const { drain, codes } = watched(undefined, 80)
  void drain.during(new Promise(() => {}))
  void drain.begin()
  await sleep(250)
  assert.deepEqual(codes, [1])
})

test('a real process ends by SIGTERM with 0, whatever is open', async () => {
  const code = `
    import { createServer } from 'node:http'
    import { createDrain } from ${JSON.stringify(join(import.meta.dirname, '../src/drain.ts'))}
    const server = createServer((_, response) => response.end('x')).listen(0, '127.0.0.1', () => console.log(server.address().port))
    createDrain({ server }).after(() => console.log('closed'))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const said: string[] = []
  child.stdout.on('data', chunk => said.push(String(chunk).trim()))
  await once(child.stdout, 'data')
  const idle = connect(Number(said[0]), '127.0.0.1')
  idle.on('error', () => {})
  idle.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n')
  await once(idle, 'data')
  child.kill('SIGTERM')
  const [ended] = await once(child, 'close')
  idle.destroy()
  assert.deepEqual([ended, said.at(-1)], [0, 'closed'])
})
