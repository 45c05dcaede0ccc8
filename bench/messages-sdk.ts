import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { makeApp } from '../test/kit/app.ts'
import { packSdk, withSdk } from '../test/kit/sdk.ts'
import { makeServer } from '../test/kit/server.ts'
import { mailServer } from '../test/kit/smtp.ts'

/**
 * node bench/messages-sdk.ts [messages kills]: how long an app waits for `messages.send()` of the packed SDK, 50 a second
 * from a confined app to a real keeper, against the same call of a program that does nothing, a write with fsync, and a mail by SMTP to a server on
 * the same machine; then the same while the
 * keeper is killed so often: what was kept by the app, and what is lost or twice in the keeper's store.
 */
const MESSAGES = Number(process.argv[2] ?? 1_000)
const KILLS = Number(process.argv[3] ?? 20)
const A_SECOND = 50

const serverJs = `
import http from 'node:http'
import { messages } from '@innkeeper/sdk/messages'
import { fork } from 'node:child_process'
if (process.argv[2] === 'echo') {
  http.createServer((request, response) => { request.resume(); request.on('end', () => response.end('{"id":"m"}')) }).listen('/tmp/echo.sock', () => process.send('there'))
} else {
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const agent = new http.Agent({ keepAlive: true })
const echo = () => new Promise((resolve, reject) => {
  const call = http.request({ socketPath: '/tmp/echo.sock', method: 'POST', agent }, response => { response.resume(); response.on('end', resolve) })
  call.on('error', reject)
  call.end(JSON.stringify({ to: 'g@example.com', template: 'welcome', variables: { guest: { name: 'Ada' } } }))
})
const there = new Promise(resolve => fork(import.meta.filename, ['echo']).on('message', resolve))
async function bench({ prefix, count, sendAt }) {
  await there
  const ms = [], floor = [], states = {}
  const one = async n => {
    const began = performance.now()
    const { state } = await messages.send({ to: 'g' + n + '@example.com', template: 'welcome', variables: { guest: { name: 'Ada', n }, beds: ['B1', 'B2'] }, key: prefix + n, sendAt })
    ms.push(performance.now() - began)
    states[state] = (states[state] ?? 0) + 1
  }
  const all = []
  for (let n = 0; n < count; n++) {
    all.push(one(n))
    await sleep(${500 / A_SECOND})
    const began = performance.now()
    await echo()
    floor.push(performance.now() - began)
    await sleep(${500 / A_SECOND})
  }
  await Promise.all(all)
  return { ms, floor, states }
}
http.createServer(async (request, response) => {
  if (request.method === 'GET') return response.end('ok')
  let body = ''
  for await (const piece of request) body += piece
  response.end(JSON.stringify(await bench(JSON.parse(body)).catch(error => ({ error: String(error) }))))
}).listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => process.exit(0))
}
`
const welcome = `---
subject: Welcome, {{ guest.name }}
---
<h1>Hello {{ guest.name }}</h1>{% for bed in beds %}<p>Bed {{ bed }}</p>{% endfor %}${'<p>Lorem ipsum dolor sit amet.</p>'.repeat(60)}`

interface Measured {
  ms: number[]
  floor: number[]
  states: Record<string, number>
  error?: string
}

const at = (ms: readonly number[], share: number): string =>
  `${ms.toSorted((a, b) => a - b)[Math.min(ms.length - 1, Math.floor(ms.length * share))]!.toFixed(1)} ms`
const said = (name: string, ms: readonly number[]): void =>
  console.log(`${name}: median ${at(ms, 0.5)}, 99th percentile ${at(ms, 0.99)}, longest ${at(ms, 1)}`)

const smtp = await mailServer()
const server = await makeServer()
try {
  const sdk = await packSdk()
  const app = await makeApp(server, 't-bench', {
    ...withSdk('t-bench', sdk),
    'server.js': serverJs,
    'innkeeper.yaml':
      'name: t-bench\nservices:\n  web: { start: node server.js, health: { path: /, interval: 200ms } }\nwatch: 0\nmessages: { email: guests }\ntimeout: 10m\n',
    'messages/welcome.html': welcome,
    'messages/layout.html': '<html><body>{{ content | raw }}</body></html>',
  })
  await mkdir(join(app.folder, 'vendor'))
  await writeFile(join(app.folder, 'vendor/innkeeper-sdk.tgz'), sdk.bytes)
  const deployed = await app.deploy()
  if (deployed.code !== 0) throw new Error(deployed.text)
  await server.inn([
    'notify',
    'add',
    'guests',
    '--email',
    'a@example.com',
    '--smtp',
    `127.0.0.1:${smtp.port}`,
  ])
  await server.inn(['outbox', 'allow', 'guests', '--app', 't-bench', '--per-day', '100000'])
  const url = (await server.app('t-bench')).url!
  const sendAt = new Date(Date.now() + 86_400_000).toISOString()
  const bench = async (prefix: string, count: number): Promise<Measured> => {
    const answer = await fetch(url, { method: 'POST', body: JSON.stringify({ prefix, count, sendAt }) })
    const measured = (await answer.json()) as Measured
    if (measured.error !== undefined) throw new Error(measured.error)
    return measured
  }

  await bench('warm', 50)
  const quiet = await bench('quiet', MESSAGES)
  said(`${MESSAGES} calls of the SDK, ${JSON.stringify(quiet.states)}`, quiet.ms)

  said(
    'as many calls of a program that answers at once, between them: what the machine itself takes',
    quiet.floor,
  )

  const written: number[] = []
  const file = await open(join(server.home, 'written'), 'w')
  for (let n = 0; n < 500; n++) {
    const began = performance.now()
    await file.write(Buffer.alloc(8_192))
    await file.sync()
    written.push(performance.now() - began)
    await sleep(1_000 / A_SECOND)
  }
  await file.close()
  said('500 writes of 8 KB with fsync: what the disk takes to keep one', written)

  const direct: number[] = []
  const transport = createTransport({ host: '127.0.0.1', port: smtp.port, secure: false, ignoreTLS: true })
  for (let n = 0; n < 200; n++) {
    const began = performance.now()
    await transport.sendMail({
      from: 'a@example.com',
      to: 'b@example.com',
      subject: 'Welcome',
      html: welcome,
      text: 'x',
    })
    direct.push(performance.now() - began)
    await sleep(1_000 / A_SECOND)
  }
  said('200 mails by nodemailer to an SMTP server on the same machine, a connection for each', direct)

  const running = bench('killed', MESSAGES)
  let killed = 0
  for (let over = false; killed < KILLS && !over; ) {
    await sleep(((MESSAGES / A_SECOND) * 1_000) / KILLS)
    if ((await server.keeperPid()) === null) continue
    await server.killKeeper()
    killed += 1
    over = await Promise.race([running.then(() => true), sleep(0).then(() => false)])
  }
  const hard = await running
  said(
    `${MESSAGES} calls while the keeper is killed ${killed} times, ${JSON.stringify(hard.states)}`,
    hard.ms,
  )
  const count = () => {
    const db = new DatabaseSync(join(server.home, 'keeper.db'), { readOnly: true })
    const row = db
      .prepare(`select count(*) as n, count(distinct key) as keys from outbox where key like 'killed%'`)
      .get() as { n: number; keys: number }
    db.close()
    return row
  }
  for (const end = Date.now() + 120_000; Date.now() < end && count().keys < MESSAGES; await sleep(500));
  const { n, keys } = count()
  console.log(`lost: ${MESSAGES - keys}, twice: ${n - keys}`)
} finally {
  await server.remove()
  smtp.close()
}
