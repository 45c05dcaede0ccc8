import assert from 'node:assert/strict'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppCall } from '../../apps/app/socket.ts'
import { request } from '../../kernel/http.ts'
import { openDoor } from './app-socket.ts'

async function door(t: TestContext, answer: (call: AppCall) => Promise<{ status: number; body: object }>) {
  const folder = await mkdtemp(join(tmpdir(), 'inn-d-'))
  const path = join(folder, 'keeper.sock')
  const { close } = await openDoor({ path, account: null, answer })
  t.after(async () => {
    await close()
    await rm(folder, { recursive: true })
  })
  const ask = (body: string | null, headers: Record<string, string> = {}) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const asked = request({ socketPath: path, path: '/v1/x?key=1', method: 'POST', headers }, said => {
        let text = ''
        said.on('data', (piece: Buffer) => (text += piece.toString()))
        said.on('end', () => resolve({ status: said.statusCode!, text }))
      })
      asked.on('error', reject)
      asked.end(body ?? '')
    })
  return { path, ask, close }
}

test('a call arrives with its token and its JSON; nobody else may connect', async t => {
  const calls: AppCall[] = []
  const { path, ask } = await door(t, async call => {
    calls.push(call)
    return { status: 200, body: { fine: true } }
  })
  assert.equal((await stat(path)).mode & 0o777, 0o600)
  assert.deepEqual(await ask('{"a":1}', { authorization: 'Bearer t' }), {
    status: 200,
    text: '{"fine":true}',
  })
  const [{ query, ...call }] = calls as [AppCall]
  assert.deepEqual(call, { method: 'POST', path: '/v1/x', token: 't', body: { a: 1 } })
  assert.equal(query.get('key'), '1')
})

test('what is no JSON or too large is refused, and what throws is no detail of ours', async t => {
  const { ask } = await door(t, async () => {
    throw new Error('secret of the keeper')
  })
  assert.equal((await ask('{')).status, 400)
  const large = await ask(`"${'x'.repeat(300_000)}"`).catch((error: NodeJS.ErrnoException) => ({
    status: 413,
    text: error.code,
  }))
  assert.equal(large.status, 413)
  const { status, text } = await ask('{}')
  assert.equal(status, 500)
  assert.doesNotMatch(text, /secret/)
})

test('an app that asks for too much at once takes nothing from the keeper', async t => {
  let most = 0
  let now = 0
  const { path, ask } = await door(t, async () => {
    now += 1
    most = Math.max(most, now)
    await sleep(200)
    now -= 1
    return { status: 200, body: {} }
  })
  const all = await Promise.all(Array.from({ length: 40 }, () => ask('{}')))
  assert.ok(most <= 16, `${most} at once`)
  assert.ok(all.some(({ status }) => status === 503))
  // Connections that say nothing: those beyond the bound are closed at once.
  const idle = Array.from({ length: 100 }, () => connect(path).on('error', () => {}))
  await sleep(300)
  assert.ok(idle.filter(one => one.closed || one.destroyed).length >= 100 - 64)
  for (const one of idle) one.destroy()
  await sleep(50)
  assert.equal((await ask('{}')).status, 200)
})
