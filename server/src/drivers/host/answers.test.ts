import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:net'
import { after, test } from 'node:test'
import { answers } from './answers.ts'

const greeting = Buffer.from('PING\r\n')
const open: Server[] = []
after(() => {
  for (const server of open) server.close()
})

async function listening(on: (server: Server) => void): Promise<{ host: string; port: number }> {
  const server = createServer()
  open.push(server)
  on(server)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return { host: '127.0.0.1', port: (server.address() as { port: number }).port }
}

test('what answers, answers; what only accepts, hangs up or is not there, does not', async () => {
  const echo = await listening(server => server.on('connection', socket => socket.pipe(socket)))
  const silent = await listening(server => server.on('connection', socket => socket.unref()))
  const away = await listening(server => server.on('connection', socket => socket.destroy()))
  assert.equal(await answers(echo, greeting), true)
  assert.equal(await answers(away, greeting), false)
  assert.equal(await answers({ path: '/nowhere/at/all' }, greeting), false)
  const began = performance.now()
  assert.equal(await answers(silent, greeting), false)
  assert.ok(performance.now() - began < 4_000)
})
