import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { json, logIn, program, type Started, startApp, until } from './app.ts'

const ann = { name: 'Ann Berg', phone: '+47 555 10' }
const png = Buffer.from('89504e470d0a1a0a0000', 'hex')

describe('the app in memory', () => {
  let app: Started
  let url: string
  let desk: { cookie: string }
  const uploads = mkdtempSync(join(tmpdir(), 'hostel-uploads-'))
  before(async () => {
    app = await startApp({ UPLOADS_DIR: uploads })
    url = app.url
    desk = await logIn(url)
  })
  after(async () => {
    await app.stop()
    rmSync(uploads, { recursive: true, force: true })
  })

  test('is ready, and says what it runs on', async () => {
    assert.equal((await json(`${url}/health/ready`)).body.status, 'ok')
    const { body } = await json(`${url}/health`)
    assert.deepEqual([body.status, body.checks.storage.kind, body.checks.storage.status], ['ok', 'memory', 'ok'])
    assert.deepEqual((await json(`${url}/api/version`)).body, { version: '1.0.0' })
  })
  test('answers JSON where there is nothing', async () => {
    const { status, body } = await json(`${url}/api/nothing`)
    assert.deepEqual([status, body.error], [404, 'not_found'])
  })
  test('shows the desk to nobody who has not logged in', async () => {
    for (const path of ['guests', 'check-ins', 'capsules', 'settings', 'money/months', 'kiosk-tokens', 'check-ins/count?prefix=a']) {
      assert.equal((await json(`${url}/api/${path}`)).status, 401, path)
    }
    assert.equal((await json(`${url}/api/guests`, { headers: { cookie: `${desk.cookie}0` } })).status, 401)
    assert.equal((await json(`${url}/api/session`, { body: { email: 'admin@harbour.example', password: 'wrong' } })).status, 401)
  })
  test('a kiosk that asks twice checks in once', async () => {
    const body = { ...ann, ref: 'twice-1' }
    const first = await json(`${url}/api/self-check-in/kiosk-demo`, { body })
    const second = await json(`${url}/api/self-check-in/kiosk-demo`, { body })
    assert.deepEqual([first.status, second.status], [201, 200])
    assert.equal(first.body.id, second.body.id)
    const headers = { 'x-kiosk-token': 'kiosk-demo' }
    assert.equal((await json(`${url}/api/check-ins/count?prefix=twice-`, { headers })).body.count, 1)
  })
  test('a link for one guest works once, and again only for the same guest', async () => {
    const { body: link } = await json(`${url}/api/kiosk-tokens`, { headers: desk, body: { label: 'Ann' } })
    const use = (ref: string) => json(`${url}/api/self-check-in/${link.token}`, { body: { ...ann, ref } })
    assert.deepEqual([(await use('r1')).status, (await use('r1')).status, (await use('r2')).status], [201, 200, 410])
  })
  test('says everything that is wrong with an input', async () => {
    const { status, body } = await json(`${url}/api/self-check-in/kiosk-demo`, { body: { name: '', phone: 'x' } })
    assert.equal(status, 400)
    assert.deepEqual(body.issues.map((issue: { path: string }) => issue.path), ['name', 'phone', 'ref'])
  })
  test('keeps a photo, and refuses what is not one or is too large', async () => {
    const { body: guest } = await json(`${url}/api/guests`, { headers: desk, body: ann })
    const headers = { ...desk, 'content-type': 'image/png' }
    const send = (body: Buffer) =>
      fetch(`${url}/api/guests/${guest.id}/photo`, { method: 'PUT', body: new Uint8Array(body), headers })
    assert.equal((await send(png)).status, 201)
    assert.equal((await send(Buffer.from('<svg onload=alert(1)>'))).status, 415)
    assert.equal((await send(Buffer.alloc(6_000_000))).status, 413)
    const back = await fetch(`${url}/api/guests/${guest.id}/photo`, { headers: desk })
    assert.deepEqual(Buffer.from(await back.arrayBuffer()), png)
    assert.equal(readdirSync(uploads).length, 1)
  })
  test('tells a socket and a stream about a change', async () => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/ws`)
    const heard: { cleaning: number }[] = []
    socket.on('message', (data) => heard.push(JSON.parse(String(data))))
    const stream = (await fetch(`${url}/api/stream`)).body!.pipeThrough(new TextDecoderStream()).getReader()
    await until(async () => heard.length, (n) => n > 0)
    await stream.read()
    await json(`${url}/api/capsules/C22`, { method: 'PUT', headers: desk, body: { clean: false } })
    await until(async () => heard.at(-1)!.cleaning - heard[0]!.cleaning, (more) => more === 1)
    assert.match((await stream.read()).value!, /^event: occupancy/)
    assert.match(await (await fetch(`${url}/metrics/prometheus`)).text(), /^hostel_websocket_connections 1$/m)
    await stream.cancel()
    socket.close()
  })
})

describe('the process', () => {
  test('will not start in production without a secret, and says so', async () => {
    await assert.rejects(program('server', { env: { NODE_ENV: 'production' } }), ({ code, stdout }) => {
      assert.match(stdout, /SESSION_SECRET is required in production/)
      return code === 1
    })
  })
  test('ends with 0 soon after SIGTERM, though sockets and streams are open', async () => {
    const app = await startApp()
    const socket = new WebSocket(`${app.url.replace('http', 'ws')}/ws`)
    await new Promise((resolve) => socket.on('message', resolve))
    const stream = await fetch(`${app.url}/api/stream`)
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const started = Date.now()
    assert.equal(await app.stop(), 0)
    assert.equal(await closed, 1001)
    assert.ok(Date.now() - started < 3000)
    await stream.body?.cancel().catch(() => {})
  })
})
