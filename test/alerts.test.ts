import assert from 'node:assert/strict'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { answerJson, provider, TELEGRAM } from '../server/src/drivers/channels/provider.fixture.ts'
import { processTree } from '../server/src/drivers/host/proc.ts'
import type { AlertView } from '../server/src/watch/alerts/wire.ts'
import type { MessageView } from '../server/src/watch/messages/wire.ts'
import { makeApp, serverJs, yaml } from './kit/app.ts'
import { makeServer, type Server } from './kit/server.ts'

let server: Server
/** Presses of buttons that nobody has asked for yet, as the key that the button sends. */
const presses: string[] = []
let pressed = 0
const them = await provider(
  { after },
  {
    ...TELEGRAM,
    async takes(answer, told) {
      if (!told.path.endsWith('/getUpdates')) return TELEGRAM.takes(answer, told)
      for (const end = Date.now() + 2_000; presses.length === 0 && Date.now() < end; ) await sleep(50)
      const result = presses.splice(0).map(data => ({
        update_id: ++pressed,
        callback_query: { id: 'q', data, from: { first_name: 'Anna' }, message: { chat: { id: 7 } } },
      }))
      answerJson(answer, 200, { ok: true, result })
    },
  },
)
after(async () => server?.remove())

/** Waits until `look` finds something; fails after 30 s. */
async function until<T>(what: string, look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) {
    const found = await look().catch(() => null)
    if (found !== null) return found
  }
  throw new Error(`never: ${what}; told:\n${texts().join('\n')}`)
}

/** What Prometheus does: it posts, with its token. */
async function prometheus(labels: Record<string, string>, endsAt: number): Promise<number> {
  const { keeper } = await server.status()
  const token = await readFile(join(server.home, 'metrics/alerts-token'), 'utf8')
  const answer = await fetch(`${keeper.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify([
      {
        labels,
        annotations: { summary: `${labels['alertname']} fires` },
        endsAt: new Date(endsAt).toISOString(),
      },
    ]),
  })
  return answer.status
}

const sent = () => them.took.filter(({ path }) => path.endsWith('/sendMessage'))
const texts = () => sent().map(({ body }) => JSON.parse(body).text as string)
const inMinutes = (n: number) => Date.now() + n * 60_000

test('a channel is added by the command line, its secret from a file, and tried', async t => {
  server = await makeServer()
  const file = join(server.home, 'telegram.env')
  await writeFile(file, 'TELEGRAM_TOKEN=42:right\n')
  const added = await server.inn([
    'notify',
    'add',
    'ops',
    '--telegram',
    '7',
    '--at',
    them.at,
    '--env-file',
    file,
  ])
  assert.equal(added.code, 0, added.text)
  const tried = await server.inn(['notify', 'test', 'ops'])
  assert.equal(tried.json['state'], 'sent', tried.text)
  t.diagnostic(texts()[0]!)
})

/** The messages of the ledger about something, each with its tries. */
const messagesOf = async (title: RegExp) =>
  (await server.client.get<MessageView[]>('/api/messages')).filter(one => title.test(one.title))

test('what Prometheus posts is decided on once, also when the keeper is killed meanwhile, and its end is told', async () => {
  // Anybody who posts first makes the token.
  await until('a token', async () => {
    const { keeper } = await server.status()
    await fetch(`${keeper.url}/api/v2/alerts`, {
      method: 'POST',
      body: '[]',
      headers: { 'content-type': 'application/json' },
    })
    return readFile(join(server.home, 'metrics/alerts-token'), 'utf8')
  })
  await server.inn(['alerts', 'settings', '--link', 'https://keeper.example.com'])
  assert.equal(await prometheus({ alertname: 'DiskFull', severity: 'critical' }, inMinutes(4)), 200)
  // It is in the store, and was perhaps not told yet.
  await server.killKeeper()
  const first = await until('a message', async () => texts().find(text => text.includes('DiskFull')) ?? null)
  assert.match(first, /DiskFull fires[\s\S]*https:\/\/keeper\.example\.com/)
  await server.killKeeper()
  await until('the keeper', () => server.client.get<AlertView[]>('/api/alerts'))
  assert.equal(await prometheus({ alertname: 'DiskFull', severity: 'critical' }, inMinutes(4)), 200)
  assert.equal(await prometheus({ alertname: 'DiskFull', severity: 'critical' }, Date.now() - 1_000), 200)
  await until('the end', async () => texts().find(text => text.includes('over: DiskFull')) ?? null)
  const messages = await until('all of it noted', async () => {
    const all = await messagesOf(/DiskFull/)
    return all.every(one => one.state === 'sent') ? all : null
  })
  assert.equal(messages.length, 2)
  // Telegram knows no keys: a try that the keeper did not live to note may have arrived, and is repeated.
  const cut = messages.flatMap(one => one.attempts).filter(one => one.outcome === null)
  const arrived = texts().filter(text => text.includes('DiskFull')).length
  assert.ok(arrived >= 2 && arrived <= 2 + cut.length, `${arrived} arrived, ${cut.length} tries were cut`)
})

test('acknowledged and silenced from the command line, and all of it is shown', async () => {
  await prometheus({ alertname: 'Slow', app: 'shop' }, inMinutes(10))
  const alert = await until('told', async () => {
    const all = await server.client.get<AlertView[]>('/api/alerts')
    return all.find(one => one.labels['alertname'] === 'Slow' && one.told.length > 0) ?? null
  })
  const acked = await server.inn(['ack', alert.occurrence.slice(0, 8)])
  assert.equal(acked.code, 0, acked.text)
  await until('ack', async () => texts().find(text => /has it in hand: shop: Slow fires/.test(text)) ?? null)
  // No app of this server is called so, but what another Prometheus says of it can be silenced.
  const silence = await server.inn(['silence', 'add', 'known', '--app', 'shop', '--for', '2h'])
  assert.equal(silence.code, 0, silence.text)
  const nothing = await server.inn(['silence', 'add', 'known', '--app', 'nobody', '--for', '2h'])
  assert.match(nothing.text, /nobody/)
  assert.equal(nothing.code, 1)
  const silenced = await server.client.get<AlertView[]>('/api/alerts')
  assert.equal(silenced.find(one => one.occurrence === alert.occurrence)?.muted, 'silence')
  const messages = await server.client.get<MessageView[]>('/api/messages')
  assert.ok(messages.length >= 4 && messages.every(one => one.attempts.length > 0))
})

test('a button in Telegram takes in hand what its message told of, in the name of who pressed it', async () => {
  await prometheus({ alertname: 'Pressed' }, inMinutes(10))
  const told = await until(
    'a button',
    async () => sent().find(({ body }) => body.includes('Pressed fires')) ?? null,
  )
  const [button] = JSON.parse(told.body).reply_markup.inline_keyboard.flat() as Array<{
    callback_data: string
  }>
  presses.push(button!.callback_data)
  const alert = await until('ack', async () => {
    const all = await server.client.get<AlertView[]>('/api/alerts')
    return all.find(one => one.labels['alertname'] === 'Pressed' && one.acked !== null) ?? null
  })
  assert.equal(alert.acked!.by, 'Anna on Telegram')
  const answered = await until(
    'an answer',
    async () => them.took.find(({ path }) => path.endsWith('/answerCallbackQuery')) ?? null,
  )
  assert.match(answered.body, /you have 1 alert in hand/)
  await until(
    'the news',
    async () => texts().find(text => /Anna on Telegram has it in hand/.test(text)) ?? null,
  )
})

test('a token that was revoked: nothing is lost, it is shown, and sent when it is right again', async () => {
  them.state.is = 'revoked'
  await prometheus({ alertname: 'Later' }, inMinutes(10))
  const waiting = await until('a refusal', async () => {
    const all = await server.client.get<MessageView[]>('/api/messages')
    return (
      all.find(
        one => one.title.includes('Later') && one.attempts.some(({ outcome }) => outcome === 'refused'),
      ) ?? null
    )
  })
  assert.match(waiting.attempts[0]!.said!, /401/)
  them.state.is = 'up'
  await until('the message', async () => texts().find(text => text.includes('Later fires')) ?? null)
})

test('a silence whose pattern backtracks for ever holds nobody up', async () => {
  const matchers = [{ name: 'app', value: '(a+)+', isRegex: true, isEqual: true }]
  const [startsAt, endsAt] = [new Date().toISOString(), new Date(inMinutes(5)).toISOString()]
  const silence = { matchers, startsAt, endsAt, createdBy: 'anna', comment: 'x' }
  await server.client.post('/api/v2/silences', silence)
  assert.equal(await prometheus({ alertname: 'Long', app: `${'a'.repeat(100)}!` }, inMinutes(1)), 200)
  await until('an answer', async () => {
    const all = await server.client.get<AlertView[]>('/api/alerts')
    return all.find(one => one.labels['alertname'] === 'Long') ?? null
  })
})

test('an app that ends and does not come back is told in seconds, with its last lines, and its end once', async () => {
  const app = await makeApp(server, 't-dies', {
    'innkeeper.yaml': yaml('t-dies', '', '    persist: [state]\n'),
    'server.js': serverJs(
      'v1',
      `const dead = () => { console.error('error: no licence'); process.exit(1) }
       if (require('node:fs').existsSync('state/dead')) dead()`,
    ),
  })
  assert.equal((await app.deploy()).json.outcome, 'done')
  // One that ended before the keeper saw it work would be waited for: it may still be starting.
  const { services } = await server.app('t-dies', ({ services }) =>
    services.every(({ instances }) => instances.every(({ state }) => state === 'ready')),
  )
  const dead = join(server.home, 'apps/t-dies/shared/state/dead')
  await writeFile(dead, '')
  const began = Date.now()
  process.kill(services[0]!.instances[0]!.pid!, 'SIGKILL')
  const told = await until(
    'the death',
    async () => texts().find(text => /web of t-dies ended/.test(text)) ?? null,
  )
  assert.match(told, /Changed last: deploy r1 of t-dies[\s\S]*error: no licence/)
  assert.match(told, /Uses most/)
  assert.ok(Date.now() - began < 25_000, `${Date.now() - began} ms`)
  await rm(dead)
  await until('the end', async () => texts().find(text => /over: web of t-dies/.test(text)) ?? null)
  assert.equal(texts().filter(text => /web of t-dies/.test(text)).length, 2)
})

test('an edge that is frozen is told in seconds, and its end once', async t => {
  const edge = (await server.status()).parts.find(({ name }) => name === 'edge')!
  const all = (await processTree(edge.pid!)).map(({ pid }) => pid)
  const signal = (name: 'SIGSTOP' | 'SIGCONT') => {
    for (const pid of all) process.kill(pid, name)
  }
  // It must go on whatever happens, or nothing can be stopped afterwards.
  t.after(() => signal('SIGCONT'))
  const began = Date.now()
  signal('SIGSTOP')
  await until('told', async () => texts().find(text => /the edge does not answer/.test(text)) ?? null)
  assert.ok(Date.now() - began < 25_000, `${Date.now() - began} ms`)
  t.diagnostic(`${Date.now() - began} ms`)
  signal('SIGCONT')
  await until('the end', async () => texts().find(text => /over: the edge/.test(text)) ?? null)
  assert.equal(texts().filter(text => /the edge does not answer/.test(text)).length, 2)
})
