import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { apiWith, peopleOf } from './api.fixture.ts'
import { type EventStream, eventStreams } from './sse.ts'

/** A stream for operators, opened by one. */
async function opened(t: TestContext, meanwhile: (crowd: ReturnType<typeof peopleOf>) => void = () => {}) {
  const crowd = peopleOf({ otto: 'operator' })
  const streams: EventStream[] = []
  const api = await apiWith(t, crowd, app => {
    const open = eventStreams(crowd.people)
    app.get('/api/events', { config: { permission: 'operator' } }, async (request, reply) => {
      meanwhile(crowd)
      streams.push(open(request, reply))
    })
  })
  await api.listen({ host: '127.0.0.1', port: 0 })
  const { port } = api.server.address() as AddressInfo
  const request = get({ host: '127.0.0.1', port, path: '/api/events', headers: { cookie: 'otto' } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  let text = ''
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  const ended = new Promise<void>(resolve => answer.on('close', resolve))
  const sees = async (words: string) => {
    for (const end = Date.now() + 5_000; !text.includes(words); await sleep(5))
      assert.ok(Date.now() < end, text)
  }
  return { ...crowd, answer, request, text: () => text, ended, sees, stream: streams[0]! }
}

test('a stream opens at once, sends JSON as events, has the headers of every answer, and ends when it is closed', async t => {
  const { answer, stream, sees, text, ended, listeners } = await opened(t)
  await sees(': open\n\n')
  stream.send({ a: 'line\nbreak' })
  stream.close()
  stream.send({ late: true })
  await ended
  assert.equal(text(), ': open\n\ndata: {"a":"line\\nbreak"}\n\n')
  assert.equal(answer.headers['content-type'], 'text/event-stream; charset=utf-8')
  assert.equal(answer.headers['cache-control'], 'no-cache')
  assert.equal(answer.headers['x-accel-buffering'], 'no')
  assert.equal(stream.signal.aborted, true)
  assert.equal(listeners.size, 0, 'nobody waits for changes of people any more')
})

test('it beats, so that no proxy closes it', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { sees, text } = await opened(t)
  await sees(': open')
  t.mock.timers.tick(14_999)
  await sleep(20)
  assert.doesNotMatch(text(), /still here/)
  t.mock.timers.tick(1)
  await sees(': still here\n\n')
})

test('it ends at once when its reader is removed or is a viewer from now on, and goes on when others are', async t => {
  for (const change of [
    ({ remove }: Awaited<ReturnType<typeof opened>>) => remove('otto'),
    ({ becomes }: Awaited<ReturnType<typeof opened>>) => becomes('otto', 'viewer'),
  ]) {
    const one = await opened(t)
    one.becomes('vera', 'viewer')
    await one.changed()
    one.stream.send('still')
    await one.sees('data: "still"')
    change(one)
    await one.changed()
    assert.equal(one.stream.signal.aborted, true, 'before the change is answered')
    await one.ended
    assert.equal(one.listeners.size, 0)
  }
})

test('it ends with the next beat when a session just ended, and nothing is sent after that', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { remove, ended, sees, text, stream } = await opened(t)
  await sees(': open')
  remove('otto')
  assert.equal(stream.signal.aborted, false)
  t.mock.timers.tick(15_000)
  await ended
  assert.doesNotMatch(text(), /still here/)
})

test('a right that ended between the door and the stream ends it too', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const { ended, text } = await opened(t, crowd => crowd.remove('otto'))
  assert.equal(await Promise.race([ended.then(() => 'ended'), sleep(5_000, 'open', { ref: false })]), 'ended')
  assert.equal(text(), ': open\n\n')
})

test('a reader who goes away ends the work behind the stream', async t => {
  const { request, stream, listeners } = await opened(t)
  const aborted = once(stream.signal, 'abort')
  request.destroy()
  await aborted
  assert.equal(listeners.size, 0)
})
