import assert from 'node:assert/strict'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../server/src/drivers/host/exec.ts'
import { type Fixture, makeApp } from './kit/app.ts'
import { packSdk, withSdk } from './kit/sdk.ts'
import { makeServer, type Server } from './kit/server.ts'
import { mailServer } from './kit/smtp.ts'

const serverMjs = `
import http from 'node:http'
import net from 'node:net'
import { messages } from '@innkeeper/sdk/messages'
const does = {
  '/send': ({ options, ...message }) => messages.send(message, options),
  '/status': which => messages.status(which),
  '/cancel': which => messages.cancel(which),
  '/connect': ({ path }) => new Promise(resolve => net.connect(path).on('connect', () => resolve({ state: 'connected' })).on('error', error => resolve({ code: error.code }))),
  '/where': async () => ({ socket: process.env.INNKEEPER_SOCKET }),
}
http.createServer(async (request, response) => {
  if (request.method === 'GET') return response.end('ok')
  let body = ''
  for await (const piece of request) body += piece
  console.log('asked with ' + process.env.INNKEEPER_APP_TOKEN)
  const said = await does[request.url](JSON.parse(body)).catch(({ code, message }) => ({ code, message }))
  response.end(JSON.stringify(said))
}).listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
`
const yaml = (name: string, messages: string) => `name: ${name}
services:
  web: { start: node server.js, drain: 1s, stopGrace: 1s, health: { path: /, interval: 200ms } }
watch: 0
buildMemory: 300MB
${messages}`
const welcome =
  '---\nsubject: Welcome, {{ guest.name }}\nsample: { guest: { name: Ada } }\n---\n<h1>Hello {{ guest.name }}</h1><p>Your bed is {{ bed }}.</p>'

interface Said {
  state: string
  id: string
  code: string
  message: string
  attempts: unknown[]
  socket: string
}

let server: Server
let smtp: Awaited<ReturnType<typeof mailServer>>
let hostel: Fixture
const urls: Record<string, string> = {}

before(async () => {
  smtp = await mailServer()
  server = await makeServer()
  const sdk = await packSdk()
  for (const name of ['t-hostel', 't-other']) {
    const files = {
      ...withSdk(name, sdk),
      'server.js': serverMjs,
      'innkeeper.yaml': yaml(name, 'messages: { email: guests }'),
      'messages/welcome.html': welcome,
      'messages/layout.html': '<html><body>{{ content | raw }}<footer>Harbour</footer></body></html>',
    }
    const app = await makeApp(server, name, files)
    await mkdir(join(app.folder, 'vendor'))
    await writeFile(join(app.folder, 'vendor/innkeeper-sdk.tgz'), sdk.bytes)
    const deployed = await app.deploy()
    assert.equal(deployed.code, 0, deployed.text)
    urls[name] = (await server.app(name)).url!
    if (name === 't-hostel') hostel = app
  }
  const add = [
    'notify',
    'add',
    'guests',
    '--email',
    'desk@harbour.example',
    '--smtp',
    `127.0.0.1:${smtp.port}`,
  ]
  assert.equal((await server.inn(add)).code, 0)
})

after(async () => {
  await server?.remove()
  smtp?.close()
})

const ask = async (path: string, body: object, app = 't-hostel'): Promise<Said> =>
  (await (await fetch(`${urls[app]}${path}`, { method: 'POST', body: JSON.stringify(body) })).json()) as Said

const send = (to: string, more: object = {}) =>
  ask('/send', { to, template: 'welcome', variables: { guest: { name: 'Ada' }, bed: 'B12' }, ...more })

async function until(what: string, good: () => boolean | Promise<boolean>, ms = 30_000): Promise<void> {
  for (const end = Date.now() + ms; Date.now() < end; await sleep(100)) if (await good()) return
  assert.fail(`it did not come to that: ${what}`)
}

/** Kills the keeper once it is there: after a kill it is away for about a second. */
async function kill(): Promise<void> {
  await until('there is a keeper', async () => (await server.keeperPid()) !== null)
  await server.killKeeper()
}

const stateIs = async (which: object, wanted: string) => (await ask('/status', which)).state === wanted

test('a file in a repository takes nobody’s channel: an admin allows it', async () => {
  const refused = await send('ada@example.com')
  assert.equal(refused.code, 'outbox.not-granted', JSON.stringify(refused))
  const allowed = await server.inn(['outbox', 'allow', 'guests', '--app', 't-hostel'])
  assert.equal(allowed.code, 0, allowed.text)
  assert.equal((await send('ada@example.com', { key: 'first' })).state, 'waiting')
  await until('it arrives', () => smtp.to('ada@example.com').length === 1)
  const { raw } = smtp.to('ada@example.com')[0]!
  assert.match(raw, /^Subject: Welcome, Ada\r?$/m)
  assert.match(raw, /^From: desk@harbour\.example\r?$/m)
  assert.match(raw, /text\/plain[\s\S]*Hello Ada[\s\S]*Your bed is B12\.[\s\S]*Harbour/)
  assert.match(raw, /text\/html[\s\S]*<h1>Hello Ada<\/h1>[\s\S]*<footer>Harbour<\/footer>/)
  await until('it is sent', () => stateIs({ key: 'first' }, 'sent'))
  assert.equal((await send('ada@example.com', { key: 'first' })).state, 'sent')
  assert.equal(smtp.to('ada@example.com').length, 1)
})

test('what would begin a header, and what the template lacks, is refused and nothing goes', async () => {
  const before = smtp.mails.length
  assert.equal((await send('ada@example.com\r\nBcc: other@example.com')).code, 'outbox.address')
  assert.equal((await send('ada@example.com', { variables: { guest: {} } })).code, 'template.variable')
  assert.equal((await send('ada@example.com', { template: 'welcom' })).code, 'template.unknown')
  const name = 'Ada\r\nBcc: other@example.com'
  await send('line@example.com', { variables: { guest: { name }, bed: '<b>1</b>' } })
  await until('it arrives', () => smtp.to('line@example.com').length === 1)
  const { raw } = smtp.to('line@example.com')[0]!
  assert.doesNotMatch(raw.split(/\r?\n\r?\n/)[0]!, /^Bcc:/im)
  assert.match(raw, /&lt;b&gt;1/)
  assert.equal(smtp.to('other@example.com').length, 0)
  assert.equal(smtp.mails.length, before + 1)
})

test('no other user reaches the socket of an app', async () => {
  const { socket } = await ask('/where', {})
  assert.equal((await stat(socket)).mode & 0o777, 0o600)
  assert.ok((await stat(socket)).uid > 0)
  assert.equal((await ask('/connect', { path: socket })).state, 'connected')
  assert.equal((await ask('/connect', { path: socket }, 't-other')).code, 'ENOENT')
  // Outside of what confines apps, and as the user of the edge, which may enter the app's folder.
  for (const user of ['nobody', 'www-data']) {
    const dial = `require('net').connect(${JSON.stringify(socket)}).on('error', e => { console.log(e.code); process.exit(0) }).on('connect', () => { console.log('connected'); process.exit(0) })`
    const argv = ['setpriv', `--reuid=${user}`, '--init-groups', process.execPath, '-e', dial]
    assert.match((await exec({ argv, timeoutMs: 20_000 })).stdout, /EACCES/, user)
  }
  const logs = await server.inn(['logs', 't-hostel', '-n', '100'])
  assert.match(logs.text, /asked with/)
  assert.doesNotMatch(logs.text, /asked with \w{20}/)
})

test('what was taken arrives once, however often the keeper is killed', async () => {
  const guests = Array.from({ length: 25 }, (_, n) => `killed${n}@example.com`)
  for (const [n, guest] of guests.entries()) {
    const { state } = await send(guest, { key: guest })
    assert.match(state, /^(waiting|sending|kept)$/)
    if (n % 8 === 3) await kill()
  }
  await until('all arrive', () => guests.every(guest => smtp.to(guest).length > 0), 60_000)
  for (const guest of guests) await until(`${guest} is sent`, () => stateIs({ key: guest }, 'sent'))
  // A mail that was given to the server when the keeper died is given again, as the same mail.
  for (const guest of guests) assert.equal(new Set(smtp.to(guest).map(({ id }) => id)).size, 1, guest)
})

test('a keeper that stands still keeps nobody waiting, and loses nothing', async () => {
  await server.status()
  const pid = await server.keeperPid()
  process.kill(pid, 'SIGSTOP')
  const began = performance.now()
  const said = await send('still@example.com', { key: 'still', options: { timeoutMs: 500 } }).finally(() =>
    process.kill(pid, 'SIGCONT'),
  )
  const ms = performance.now() - began
  assert.equal(said.state, 'kept')
  assert.ok(ms < 2_000, `${ms} ms`)
  await until('it arrives', () => smtp.to('still@example.com').length > 0)
  await until('it is sent', () => stateIs({ key: 'still' }, 'sent'))
  assert.equal(new Set(smtp.to('still@example.com').map(({ id }) => id)).size, 1)
})

test('what waits for its time goes then, and what is cancelled does not', async () => {
  const sendAt = new Date(Date.now() + 4_000).toISOString()
  const later = await send('later@example.com', { sendAt })
  await send('never@example.com', { sendAt, key: 'never' })
  assert.equal((await ask('/cancel', { key: 'never' })).state, 'cancelled')
  assert.equal(smtp.to('later@example.com').length, 0)
  await kill()
  await until('it arrives', () => smtp.to('later@example.com').length === 1)
  assert.ok(Date.now() >= Date.parse(sendAt))
  await until('it is sent', () => stateIs({ id: later.id }, 'sent'))
  assert.equal((await ask('/cancel', { id: later.id })).code, 'outbox.too-late')
  assert.equal(smtp.to('never@example.com').length, 0)
})

test('an address that bounced gets nothing more until somebody lifts it', async () => {
  await send('gone@example.com', { key: 'gone' })
  await until('it bounced', () => stateIs({ key: 'gone' }, 'bounced'))
  assert.equal((await send('Gone@example.com')).state, 'suppressed')
  const listed = await server.inn(['outbox', 'suppressed'])
  assert.match(listed.text, /gone@example\.com/)
  const lifted = await server.inn(['outbox', 'lift', 'gone@example.com', '--channel', 'guests'])
  assert.equal(lifted.code, 0, lifted.text)
  assert.equal((await send('gone@example.com')).state, 'waiting')
})

test('a template that cannot be read is refused before anything is built, with its file and line', async () => {
  await hostel.write({ 'messages/broken.html': '---\nsubject: x\n---\n<p>\n{% if %}' })
  const refused = await hostel.deploy()
  assert.notEqual(refused.code, 0)
  assert.match(refused.text, /messages\/broken\.html line 5/)
  await hostel.write({ 'messages/broken.html': null })
})

test('a preview of a template is what would be sent', async () => {
  const { json } = await server.inn(['outbox', 'preview', 't-hostel', 'welcome', '--set', 'bed=C3'])
  assert.equal(json['subject'], 'Welcome, Ada')
  assert.match(String(json['text']), /Your bed is C3/)
})

test('an app that is removed with its data leaves no message, no grant and no socket', async () => {
  assert.equal((await server.inn(['outbox', 'allow', 'guests', '--app', 't-other'])).code, 0)
  const { socket } = await ask('/where', {}, 't-other')
  const later = {
    to: 'other@example.com',
    template: 'welcome',
    variables: { guest: { name: 'Eve' }, bed: '1' },
  }
  const { id } = await ask(
    '/send',
    { ...later, sendAt: new Date(Date.now() + 3_000).toISOString() },
    't-other',
  )
  const removed = await server.inn(['remove', 't-other', '--data', '--yes'])
  assert.equal(removed.code, 0, removed.text)
  assert.doesNotMatch((await server.inn(['outbox', 'grants'])).text, /t-other/)
  assert.match((await server.inn(['outbox', 'show', id])).text, /outbox\.unknown/)
  await assert.rejects(stat(socket), { code: 'ENOENT' })
  await sleep(4_000)
  assert.equal(smtp.to('other@example.com').length, 0)
})
