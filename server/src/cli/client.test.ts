import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import type { Failure } from '../kernel/failure.ts'
import { CHANNEL, headOf } from '../kernel/frames.ts'
import { connectTo } from './client.ts'
import { refuses, says, standIn, streams } from './stand-in.fixture.ts'

test('a request says who asks, and encodes a name that a person typed', async t => {
  const keeper = await standIn(t, says(z.unknown(), { ok: true }))
  assert.deepEqual(await keeper.client.get('/api/apps/my shop'), { ok: true })
  await keeper.client.post('/api/apps/shop/stop', { plan: true })
  await keeper.client.delete('/api/tokens/a')
  assert.deepEqual(keeper.calls(), [
    ['GET /api/apps/my%20shop', undefined],
    ['POST /api/apps/shop/stop', { plan: true }],
    ['DELETE /api/tokens/a', undefined],
  ])
  const actors = keeper.asked.map(({ headers }) => headers['x-innkeeper-actor'])
  assert.deepEqual(actors, ['anna', 'anna', 'anna'])
})

test('a failure of the keeper arrives as one, with its facts; another answer is named as strange', async t => {
  const failure = { code: 'run.locked', what: 'locked', why: 'a run', fix: 'wait', facts: { run: 'r-7' } }
  const keeper = await standIn(t, {
    'GET /x': refuses(409, failure),
    'GET /strange': response => void response.writeHead(502).end('<html>'),
  })
  await assert.rejects(keeper.client.get('/x'), (error: Failure) => {
    assert.deepEqual([error.code, error.message, error.facts['run']], ['run.locked', 'locked', 'r-7'])
    return true
  })
  await assert.rejects(keeper.client.get('/strange'), (error: Failure) => {
    assert.deepEqual([error.code, error.why], ['keeper.strange', '<html>'])
    return true
  })
})

test('every text that the keeper sends goes through the filter of the terminal, also in events', async t => {
  const { socketPath } = await standIn(t, {
    'GET /x': says(z.unknown(), { name: 'red', deep: [{ text: 'red' }], n: 1 }),
    'GET /events': streams(z.unknown(), { type: 'line', text: 'red' }),
  })
  const client = connectTo({ socketPath }, 'anna', { heard: text => text.replace('red', 'plain') })
  assert.deepEqual(await client.get('/x'), { name: 'plain', deep: [{ text: 'plain' }], n: 1 })
  const events = await Array.fromAsync(client.events<{ text: string }>('/events'))
  assert.deepEqual(events, [{ type: 'line', text: 'plain' }])
})

test('frames that a slow reader takes up after the answer has ended are all there', async t => {
  const bytes = Buffer.from('x')
  const frame = Buffer.concat([headOf({ channel: CHANNEL.output, bytes }), bytes])
  const keeper = await standIn(t, response =>
    response.writeHead(200).end(Buffer.concat([frame, frame, frame])),
  )
  let taken = 0
  for await (const _ of keeper.client.frames('/run', {})) {
    taken++
    await sleep(50)
  }
  assert.equal(taken, 3)
})

test('the version that answers is told once', async t => {
  const { socketPath } = await standIn(t, response =>
    response.writeHead(200, { 'x-innkeeper-version': '9.0.0' }).end('{}'),
  )
  const met: string[] = []
  const client = connectTo({ socketPath }, 'anna', { met: version => void met.push(version) })
  await client.get('/x')
  await client.post('/x', {})
  assert.deepEqual(met, ['9.0.0'])
})

test('an event that comes in two pieces is one event, and comments are none', async t => {
  const keeper = await standIn(t, response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(': still here\n\ndata: {"n"')
    setTimeout(() => response.end(':1}\n\ndata: {"n":2}\n\n'), 20)
  })
  assert.deepEqual(await Array.fromAsync(keeper.client.events('/e')), [{ n: 1 }, { n: 2 }])
})

test('a keeper that is not there, and one that breaks off, are unreachable, with what to do', async t => {
  const nobody = connectTo({ socketPath: '/nonexistent/keeper.sock' }, 'anna')
  await assert.rejects(nobody.get('/x'), (error: Failure) => {
    assert.equal(error.code, 'keeper.unreachable')
    assert.match(error.why, /nonexistent/)
    assert.match(error.fix, /inn up/)
    return true
  })
  const far = connectTo({ url: 'http://127.0.0.1:1', token: 't' }, 'ci')
  await assert.rejects(far.get('/x'), (error: Failure) => /INNKEEPER_URL/.test(error.fix))
  const keeper = await standIn(t, response => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"n":1}\n\n')
    setTimeout(() => response.destroy(), 20)
  })
  const seen: unknown[] = []
  await assert.rejects(
    (async () => {
      for await (const event of keeper.client.events('/e')) seen.push(event)
    })(),
    { code: 'keeper.unreachable' },
  )
  assert.deepEqual(seen, [{ n: 1 }])
})

test('apps are said to go on without the keeper only while the supervision tree runs', async t => {
  const run = await mkdtemp(join(tmpdir(), 'inn-run-'))
  t.after(() => rm(run, { recursive: true }))
  const fix = (): Promise<string> =>
    connectTo({ socketPath: join(run, 'keeper.sock') }, 'anna')
      .get('/x')
      .then(String, (error: Failure) => error.fix)
  const down = '`inn up` starts it, and all that runs on this server'
  assert.equal(await fix(), down, 'after inn down')
  const stat = await readFile('/proc/self/stat', 'utf8')
  const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]!
  await writeFile(join(run, 'tree.pid'), `${process.pid} ${start}\n`)
  assert.equal(await fix(), '`inn up` starts it; what it serves goes on without it')
  await writeFile(join(run, 'tree.pid'), `${process.pid} 1\n`)
  assert.equal(await fix(), down, 'after a reboot another process has the pid')
})

test('a keeper that goes away in the middle of an answer is unreachable, and no defect', async t => {
  const keeper = await standIn(t, response => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"half":')
    setTimeout(() => response.destroy(), 20)
  })
  await assert.rejects(keeper.client.get('/x'), { code: 'keeper.unreachable' })
})
