import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { openStore } from '../../db/db.ts'
import { request } from '../../drivers/host/http.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Channel, Content } from './channel.ts'
import { createSender } from './sender.ts'
import { enqueue, messageStore } from './store.ts'

const CHANNELS = ['once', 'twice'] as const
const LEASE_MS = 40
/** Few at a time, so that a kill meets each place: decide, claim, send, record. */
const AT_ONCE = 5

/** Its number is an incident, because a digest names all of those. */
const content = (n: number): Content => ({
  level: 'late',
  title: `#${n}`,
  text: '',
  incidents: [{ id: String(n), event: 'begun', level: 'late', what: '' }],
  link: null,
})

/** Posts what it is given; the key goes along for a provider that knows what it had. */
const postTo = (port: number, name: string): Channel => ({
  limits: [{ scope: name, most: 20, perMs: 50 }],
  digests: name === 'once',
  async send(key, { incidents }) {
    const body = JSON.stringify({ key, numbers: incidents.map(({ id }) => Number(id)) })
    await request({ host: '127.0.0.1', port, path: `/${name}`, method: 'POST', body, timeoutMs: 5_000 })
    return { type: 'sent', reference: null }
  },
})

/** The process that is killed: decides, and sends, until `total` messages of each channel are decided on and sent. */
export async function main(path: string, port: number, total: number): Promise<void> {
  const store = openStore(path)
  const ledger = messageStore(store)
  const sender = createSender({
    store: ledger,
    channel: async name => ({ channel: postTo(port, name), suppressed: null, instead: null }),
    suppress: async () => {},
    clock: systemClock,
    chance: Math.random,
    me: String(process.pid),
    server: 'test',
    leaseMs: LEASE_MS,
    onDefect: error => console.error(error),
  })
  await sender.wake()
  process.stdout.write('ready\n')
  while ((await decide(store, total)) < total) {
    await sender.wake()
    await systemClock.sleep(5)
  }
  while ((await ledger.withWork()).length > 0) {
    await sender.wake()
    await systemClock.sleep(20)
  }
}

/** What was decided (a number that grows) and the messages of it are written together. */
function decide({ sql }: ReturnType<typeof openStore>, total: number): Promise<number> {
  return sql.transaction().execute(async changed => {
    const row = await changed
      .selectFrom('setting')
      .select('value')
      .where('name', '=', 'decided')
      .executeTakeFirst()
    const from = Number(row?.value ?? 0)
    const to = Math.min(from + AT_ONCE, total)
    const value = String(to)
    await changed
      .insertInto('setting')
      .values({ name: 'decided', value })
      .onConflict(c => c.column('name').doUpdateSet({ value }))
      .execute()
    const numbers = Array.from({ length: to - from }, (_, n) => from + n)
    const drafts = numbers.flatMap(n => CHANNELS.map(channel => ({ channel, content: content(n) })))
    await enqueue(changed, drafts, Date.now())
    return to
  })
}

/** A provider that counts what it was told: `/once` knows keys that it had before, `/twice` does not. */
async function provider() {
  const told = { once: new Map<number, number>(), twice: new Map<number, number>() }
  const keys = new Set<string>()
  const server = createServer(async (asked, answer) => {
    const { key, numbers } = (await json(asked)) as { key: string; numbers: number[] }
    const name = asked.url === '/once' ? 'once' : 'twice'
    if (name === 'twice' || !keys.has(key))
      for (const n of numbers) told[name].set(n, (told[name].get(n) ?? 0) + 1)
    keys.add(key)
    answer.end('{}')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return { told, port: (server.address() as AddressInfo).port, close: () => server.close() }
}

/** Kills the process at random so often, then lets it end. What became of the messages. */
export async function killedOften(path: string, { kills, total }: { kills: number; total: number }) {
  const { told, port, close } = await provider()
  const begin = () =>
    spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', import.meta.filename, path, String(port), String(total)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
  let killed = 0
  for (; killed < kills; killed++) {
    const child = begin()
    const ended = once(child, 'exit')
    await Promise.race([once(child.stdout, 'data'), ended])
    await systemClock.sleep(Math.random() * 150)
    child.kill('SIGKILL')
    await ended
  }
  const [code] = (await once(begin(), 'exit')) as [number]
  close()
  const numbers = Array.from({ length: total }, (_, n) => n)
  const times = (name: 'once' | 'twice', wanted: (n: number) => boolean) =>
    numbers.filter(n => wanted(told[name].get(n) ?? 0)).length
  return {
    code,
    kills: killed,
    lost: { once: times('once', n => n === 0), twice: times('twice', n => n === 0) },
    doubled: { once: times('once', n => n > 1), twice: times('twice', n => n > 1) },
  }
}

if (process.argv[1] === import.meta.filename) {
  const [path, port, total] = process.argv.slice(2)
  await main(path!, Number(port), Number(total))
}
