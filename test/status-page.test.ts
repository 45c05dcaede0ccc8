import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import { request } from '../server/src/drivers/host/http.ts'
import type { PageView, StatusPageView } from '../server/src/watch/status-page/wire.ts'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { kill } from './kit/processes.ts'
import { makeServer, type Server } from './kit/server.ts'

const NAME = 't-page'
const DOMAIN = 'status.page.example'
const PAGE = `
domains: [page.example]
database: { postgres: true }
statusPage:
  domain: ${DOMAIN}
  title: Hotel Aurora
  components: { Booking: web }
  mail: post
`
let server: Server
let app: Fixture
let port: number
const mails: Array<{ to: string; text: string }> = []
const smtp = new SMTPServer({
  disabledCommands: ['AUTH', 'STARTTLS'],
  logger: false,
  onData(stream, { envelope }, done) {
    text(stream).then(mail => {
      const lines = mail.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')
      // A keeper that is killed after a mail server took a letter, and before it noted that, sends it again as the same message.
      const id = /^Message-ID:\s*(<\S+>)/im.exec(lines)?.[1] ?? ''
      const known = mails.some(one => one.text.includes(id))
      // The channel tells its own people of alerts, too.
      for (const { address } of envelope.rcptTo)
        if (!known && address !== 'ops@example.com') mails.push({ to: address, text: lines })
      done()
    }, done)
  },
})

const visit = (
  path: string,
  { method = 'GET', body, host = DOMAIN }: Partial<Record<'method' | 'body' | 'host', string>> = {},
) =>
  request({
    ...{ host: '127.0.0.1', port, path, method, timeoutMs: 5_000 },
    ...(body === undefined ? {} : { body }),
    headers: { host, 'content-type': 'application/x-www-form-urlencoded' },
  })

async function until(good: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (const end = Date.now() + 40_000; Date.now() < end; await sleep(200))
    if (await Promise.resolve(good()).catch(() => false)) return
  assert.fail(`not in time: ${what}`)
}
const page = async () => JSON.parse((await visit('/status.json')).body) as PageView
const pathIn = (mail: string, which: string): string =>
  new RegExp(`http://[^/\\s]+(/${which}\\?token=[\\w-]+)`).exec(mail)![1]!

before(async () => {
  server = await makeServer({ http: true })
  const listening = smtp.listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const at = `127.0.0.1:${(listening.address() as { port: number }).port}`
  const added = await server.inn(['notify', 'add', 'post', '--email', 'ops@example.com', '--smtp', at])
  assert.equal(added.code, 0, added.text)
  app = await makeApp(server, NAME, { 'innkeeper.yaml': yaml(NAME, PAGE), 'server.js': serverJs('v1') })
  assert.equal((await app.deploy()).json.outcome, 'done')
  port = Number(new URL((await server.app(NAME)).url!).port)
})
after(async () => {
  await server?.remove()
  smtp.close()
})

test('an app has a page at its own domain, which says how it is', async () => {
  await until(async () => (await page()).state === 'operational', 'the page says that all is well')
  const { body, headers } = await visit('/')
  assert.match(body, /<title>Hotel Aurora: All systems operational<\/title>/)
  assert.match(String(headers['content-type']), /^text\/html/)
  const shown = await server.inn(['status-page', 'show', NAME])
  assert.equal((shown.json as unknown as StatusPageView).url, `http://${DOMAIN}:${port}/`)
})

test('who subscribes is told of each public word, once, and of nothing that is for people who work there', async () => {
  assert.match(
    (await visit('/subscribe', { method: 'POST', body: 'email=Ann%40example.com' })).body,
    /mailbox/,
  )
  await until(() => mails.length === 1, 'the letter that asks')
  assert.equal(mails[0]!.to, 'ann@example.com')
  const confirm = pathIn(mails[0]!.text, 'confirm')
  assert.match((await visit(confirm)).body, /<button>Confirm/)
  assert.match((await visit(confirm, { method: 'POST' })).body, /You are subscribed/)
  const opened = await server.inn(['incident', 'open', 'disk of db-1 is full', '--app', NAME])
  const id = String(opened.json['id'])
  assert.doesNotMatch((await visit('/')).body, /db-1/)
  const say = ['incident', 'update', id, '--say', 'Bookings are slow.', '--component', 'Booking']
  assert.equal((await server.inn(say)).code, 0)
  await until(async () => /Bookings are slow\./.test((await visit('/')).body), 'the word is on the page')
  await until(() => mails.length === 2, 'the letter with it')
  const { state, incidents } = await page()
  assert.deepEqual([state, incidents[0]!.title], ['partial', 'Partial outage: Booking'])
  const feed = (await visit('/feed.xml')).body
  assert.match(feed, new RegExp(`innkeeper:${NAME}:incident:${id}:\\d+</guid>`))
  assert.doesNotMatch(`${(await visit('/')).body}${feed}${mails[1]!.text}`, /db-1/)
  assert.match(mails[1]!.text, /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r?$/m)
  await server.killKeeper()
  const over = ['incident', 'update', id, '--say', 'It is over.', '--as', 'resolved']
  await until(async () => (await server.inn(over)).code === 0, 'the keeper is back')
  await until(() => mails.length === 3, 'the letter that it is over')
  await sleep(6_000)
  assert.equal(mails.length, 3, 'each once, over the end of a keeper')
  const end = pathIn(mails[2]!.text, 'unsubscribe')
  assert.match(
    (await visit(end, { method: 'POST', body: 'List-Unsubscribe=One-Click' })).body,
    /unsubscribed/,
  )
  assert.deepEqual((await server.inn(['status-page', 'subscribers', NAME])).json, [])
})

test('a maintenance is announced on it, and is neither up nor down', async () => {
  const plan = ['maintenance', 'plan', NAME, '--at', 'in 30m', '--for', '10m', '--text', 'New <rooms>']
  const planned = await server.inn(plan)
  await until(async () => /New &lt;rooms&gt;/.test((await visit('/')).body), 'it is announced')
  assert.match((await visit('/feed.xml')).body, /Maintenance begins/)
  await server.inn(['maintenance', 'end', String(planned.json['id'])])
  await until(async () => (await page()).maintenance.length === 0, 'it is cancelled')
})

test('while the edge answers 502 it does not say that all is well', async () => {
  await until(async () => (await page()).state === 'operational', 'all is well before')
  const { pid } = (await server.app(NAME)).services[0]!.instances[0]!
  process.kill(pid!, 'SIGSTOP')
  try {
    await until(async () => (await page()).state === 'major', 'the outage is on the page')
    assert.match((await visit('/')).body, /Major outage/)
  } finally {
    process.kill(pid!, 'SIGCONT')
  }
  await until(async () => (await page()).state === 'operational', 'it is over')
  const [booking] = (await page()).components
  assert.ok(booking!.days.at(-1)!.down > 0)
})

test('it stays up, whole, while app, PostgreSQL and keeper are killed again and again', async () => {
  const killed = new Set<string>()
  let asked = 0
  for (const end = Date.now() + 6_000; Date.now() < end; asked++) {
    if (asked % 20 === 0)
      for (const service of await readdir(join(server.home, 'service'))) {
        if (!/^(keeper|t-page\.)/.test(service)) continue
        const pid = Number(await readFile(join(server.home, 'sv', service, 'supervise/pid'), 'utf8'))
        if (!(pid > 1)) continue
        kill(pid)
        killed.add(service)
      }
    const { status, body } = await visit('/')
    assert.equal(status, 200)
    assert.match(body, /<\/html>\s*$/)
    await sleep(20)
  }
  assert.ok(killed.has('keeper') && killed.has(`${NAME}.postgres`), [...killed].join())
  assert.ok(killed.has(`${NAME}.web.blue.1`), [...killed].join())
  await until(async () => (await server.inn(['status'])).code === 0, 'the keeper is back')
  await until(async () => (await page()).state === 'operational', 'all is well again')
})

test('a domain that another app has is refused, and so is a page without its app', async () => {
  const other = await makeApp(server, 't-other', {
    'innkeeper.yaml': yaml('t-other', `statusPage: { domain: ${DOMAIN} }\n`),
    'server.js': serverJs('v1'),
  })
  const refused = await other.deploy()
  assert.notEqual(refused.json.outcome, 'done')
  assert.match(refused.text, /belongs to/)
  assert.equal((await visit('/')).status, 200)
  await server.inn(['remove', 't-other', '--data', '--yes'])
  const removed = await server.inn(['remove', NAME, '--data', '--yes'])
  assert.equal(removed.code, 0, removed.text)
  await assert.rejects(visit('/'), 'no app is public any more')
  const left = () => readdir(join(server.home, 'edge/status'))
  await until(async () => (await left()).length === 0, 'its files are gone')
})
