import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../server/src/db/db.ts'
import { provider, TELEGRAM } from '../server/src/drivers/channels/provider.fixture.ts'
import { telegram } from '../server/src/drivers/channels/telegram.ts'
import { PLAIN } from '../server/src/kernel/cipher.ts'
import { systemClock } from '../server/src/kernel/clock.ts'
import { Secret } from '../server/src/kernel/secret.ts'
import { killedOften } from '../server/src/watch/messages/killed.fixture.ts'
import { createSender } from '../server/src/watch/messages/sender.ts'
import { enqueue, messageStore } from '../server/src/watch/messages/store.ts'

/**
 * node bench/messages.ts [kills messages]: from a decision to a stand-in of Telegram that enforces its limits, at 1,000 alerts
 * a minute, to one chat and spread over 30; then a process that decides and sends, killed so often over so many messages.
 */
const KILLS = Number(process.argv[2] ?? 200)
const MESSAGES = Number(process.argv[3] ?? 10_000)
const A_MINUTE = 1_000
const SECONDS = 30

const after: Array<() => void> = []
const folder = await mkdtemp(join(tmpdir(), 'inn-bench-messages-'))

/** Milliseconds from the decision until the stand-in had it, of each message. */
async function latencies(chats: number): Promise<{ ms: number[]; requests: number; refused: number }> {
  const them = await provider({ after: work => void after.push(work) }, TELEGRAM)
  const store = openStore(join(folder, `chats-${chats}.db`), PLAIN)
  const decided = new Map<string, number>()
  const ms: number[] = []
  const bot = new Secret('42:right')
  const sender = createSender({
    store: messageStore(store),
    async channel(name) {
      const channel = telegram({ chat: name, at: them.at }, bot, async () => null)
      return {
        suppressed: null,
        instead: null,
        channel: {
          ...channel,
          async send(key, content, signal) {
            const outcome = await channel.send(key, content, signal)
            if (outcome.type !== 'sent') return outcome
            for (const { id } of content.incidents) ms.push(performance.now() - decided.get(id)!)
            return outcome
          },
        },
      }
    },
    suppress: async () => {},
    clock: systemClock,
    chance: Math.random,
    ...{ me: 'bench', server: 'bench' },
    onDefect: error => console.error(error),
  })
  const total = (A_MINUTE / 60) * SECONDS
  for (let n = 0; n < total; n++) {
    const id = String(n)
    const incidents = [{ id, event: 'begun' as const, level: 'late' as const, what: id }]
    const content = { level: 'late' as const, title: `alert ${id}`, text: 'since now', incidents, link: null }
    decided.set(id, performance.now())
    await enqueue(store.sql, [{ channel: String(n % chats), content }], Date.now())
    await sender.wake()
    await sleep(60_000 / A_MINUTE)
  }
  while (sender.busy()) await sleep(50)
  await store.close()
  return { ms: ms.sort((a, b) => a - b), requests: them.took.length, refused: them.state.over }
}

const share = (ms: readonly number[], part: number): number =>
  Math.round(ms[Math.min(ms.length - 1, Math.floor(ms.length * part))]!)

for (const chats of [1, 30]) {
  const { ms, requests, refused } = await latencies(chats)
  console.log(
    JSON.stringify({
      chats,
      messages: ms.length,
      requests,
      refused,
      p50: share(ms, 0.5),
      p99: share(ms, 0.99),
      most: share(ms, 1),
    }),
  )
}
// In memory where there is such a place: what is killed is a process, and the machine goes on.
const path = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'inn-bench-killed-'))
console.log(JSON.stringify(await killedOften(join(path, 'keeper.db'), { kills: KILLS, total: MESSAGES })))
await rm(path, { recursive: true })
await rm(folder, { recursive: true })
for (const work of after) work()
