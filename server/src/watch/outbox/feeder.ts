import type { GrantStore } from './grants.ts'
import type { OutboxPorts } from './ports.ts'
import { MOST_HANDED, share } from './rule.ts'
import type { OutboxStore } from './store.ts'

/** How soon it is looked whether the ledger has ended what it has in hand; twice as long each time that it has not. */
const FIRST_LOOK_MS = 200
const LONGEST_LOOK_MS = 10_000
/** A clock may be stepped while the line sleeps. */
const LONGEST_SLEEP_MS = 60_000
/** What was due so long ago and is not over is told. */
const OVERDUE_MS = 15 * 60_000

type Ports = Pick<OutboxPorts, 'messages' | 'clock' | 'onDefect'> & {
  store: OutboxStore
  grants: GrantStore
}

/** Gives what is due to the ledger, few at a time, and takes over how it ended. Where nothing waits, nothing runs. */
export function createFeeder(ports: Ports) {
  const { store, clock } = ports
  let running = false
  let again = false
  let rested = new AbortController()

  async function line(): Promise<void> {
    for (let look = FIRST_LOOK_MS; ; ) {
      rested = new AbortController()
      again = false
      const { inHand, nextAt, moved } = await feed(ports)
      look = moved ? FIRST_LOOK_MS : Math.min(look * 2, LONGEST_LOOK_MS)
      const until = Math.min(
        inHand > 0 ? look : LONGEST_SLEEP_MS,
        (nextAt ?? Number.POSITIVE_INFINITY) - clock.now(),
      )
      if (inHand === 0 && nextAt === null && !again) return
      if (!again && until > 0) await clock.sleep(until, rested.signal).catch(() => {})
    }
  }

  return {
    /** Looks now: after a message was taken, at the start, and once a minute. */
    wake(): void {
      again = true
      rested.abort()
      if (running) return
      running = true
      line()
        .catch(ports.onDefect)
        .finally(() => {
          running = false
        })
    },

    /** What should have gone and did not. */
    overdue: () => store.overdue(clock.now() - OVERDUE_MS),
  }
}

/** One look. `nextAt`: when more is due; `moved`: whether something went on. */
async function feed({ store, grants, messages, clock }: Ports) {
  const now = clock.now()
  await store.settle(now)
  const handed = await store.handed()
  const before = [...handed.values()].reduce((sum, n) => sum + n, 0)
  let given = 0
  for (const [channel, apps] of byChannel(await store.due(now))) {
    const may = new Map<string, number>()
    for (const [app, n] of apps) if ((await grants.find(app, channel)) !== null) may.set(app, n)
    for (const [app, most] of share(may, MOST_HANDED - (handed.get(channel) ?? 0))) {
      await store.handOver({ channel, app }, { most, now })
      given += most
    }
  }
  if (given > 0) await messages.wake()
  return { inHand: before + given, nextAt: await store.nextAt(now), moved: given > 0 }
}

function byChannel(
  rows: ReadonlyArray<{ channel: string; app: string; n: number }>,
): Map<string, Map<string, number>> {
  const all = new Map<string, Map<string, number>>()
  for (const { channel, app, n } of rows) all.set(channel, (all.get(channel) ?? new Map()).set(app, n))
  return all
}
