import type { Store } from '../../db/db.ts'
import type { Clock } from '../../kernel/clock.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Channel, Content } from './channel.ts'
import { type ChannelStore, channelStore, type KeptChannel, unknownChannel } from './channels.ts'
import { readLedger } from './ledger.ts'
import { SELECTORS, senderFindings } from './policy.ts'
import { createSender } from './sender.ts'
import { enqueue, messageStore } from './store.ts'
import type { ChannelAdded, ChannelRequest, ChannelSettings, ChannelView, MessageView } from './wire.ts'

/** How long delivered messages are kept. */
const KEPT_MS = 30 * 86_400_000
/** A letter that was not delivered for so long is dropped. */
const GIVEN_UP_MS = 3 * 86_400_000
/** A channel that took nothing for so long is an alarm, which goes to the others. */
const STUCK_MS = 10 * 60_000
const TEST_MS = 20_000

export interface MessagePorts {
  store: Store
  clock: Clock
  /** Makes the channel of a provider. */
  open(settings: ChannelSettings, secret: Secret | null): Channel
  /** The texts at a name; rejects when the DNS does not answer. */
  texts(name: string): Promise<string[]>
  chance(): number
  me: string
  server: string
  log(level: string, msg: string, more?: object): void
}

export type Messages = ReturnType<typeof createMessages>

/** Channels, and the ledger of what was told by them. */
export function createMessages(ports: MessagePorts) {
  const { store, clock } = ports
  const channels = channelStore(store)
  const ledger = messageStore(store)
  const sender = createSender({
    ...ports,
    store: ledger,
    async channel(name) {
      const kept = await channels.find(name)
      return kept === null ? null : { ...kept, channel: ports.open(kept.settings, kept.secret) }
    },
    suppress: channels.suppress,
    onDefect: error => ports.log('error', 'messages cannot be written down', { error: String(error) }),
  })
  const known = async (name: string): Promise<KeptChannel> => {
    const kept = await channels.find(name)
    if (kept !== null) return kept
    throw unknownChannel(
      name,
      (await channels.all()).map(one => one.name),
    )
  }

  const listeners: Array<() => void> = []
  const changed = () => {
    for (const listener of listeners) listener()
  }

  return {
    /** Calls the listener whenever a channel was added or removed. */
    onChannels: (listener: () => void): void => void listeners.push(listener),
    channels: (): Promise<KeptChannel[]> => channels.all(),
    /** Failure `channel.unknown`. */
    known,
    /** Sends what was written down. Called after the transaction that decided on it. */
    wake: (): Promise<void> => sender.wake(),
    async list(): Promise<ChannelView[]> {
      return Promise.all((await channels.all()).map(one => viewOf(one, ledger)))
    },
    delivered: (occurrences: readonly string[]) => ledger.delivered(occurrences),
    messages: (limit: number): Promise<MessageView[]> => readLedger(store, { limit }),
    /** null: there is no such channel. */
    async channel(name: string): Promise<Channel | null> {
      const kept = await channels.find(name)
      return kept === null ? null : ports.open(kept.settings, kept.secret)
    },
    /** The incidents that a dispatch, named as its provider knows it, said have begun; null: this server did not send it. */
    async incidents(key: string): Promise<string[] | null> {
      const [, server, dispatch] = /^(.+)-(\d{1,15})$/.exec(key) ?? []
      if (server !== ports.server) return null
      const news = (await ledger.contents(Number(dispatch))).flatMap(one => one.incidents)
      return [...new Set(news.filter(one => one.event === 'begun').map(one => one.id))]
    },
    async add(asked: ChannelRequest): Promise<ChannelAdded> {
      if (asked.instead !== null) await known(asked.instead.channel)
      await channels.add(asked, clock.now())
      changed()
      const channel = await viewOf(await known(asked.name), ledger)
      return { channel, findings: await findingsOf(asked.settings, ports.texts) }
    },
    async remove(name: string): Promise<{ dropped: number; routes: number }> {
      await known(name)
      const removed = await channels.remove(name, clock.now())
      changed()
      return removed ?? { dropped: 0, routes: 0 }
    },
    /** Sends a message to try a channel, also one whose address bounced, and waits for its first attempt. */
    async try(name: string, content: Content): Promise<MessageView> {
      await known(name)
      await channels.suppress(name, null)
      await enqueue(store.sql, [{ channel: name, content }], clock.now())
      const [{ id }] = (await readLedger(store, { limit: 1, channel: name })) as [MessageView]
      await sender.wake()
      for (const until = clock.now() + TEST_MS; ; await clock.sleep(100)) {
        const [view] = (await readLedger(store, { limit: 1, id })) as [MessageView]
        if (view.state === 'sent' || view.attempts.some(one => one.outcome !== null) || clock.now() > until)
          return view
      }
    },
    alarms: async (): Promise<Alarm[]> => {
      const all = await channels.all()
      return (await Promise.all(all.map(one => alarmsOf(one, { ledger, channels, now: clock.now() })))).flat()
    },
    /** Takes up what a line did not, and forgets what is old. */
    async tick(): Promise<void> {
      const now = clock.now()
      await ledger.prune(now - KEPT_MS)
      await ledger.giveUp(now - GIVEN_UP_MS, now)
      await sender.wake()
    },
  }
}

async function viewOf(
  { secret: _, ...shown }: KeptChannel,
  ledger: ReturnType<typeof messageStore>,
): Promise<ChannelView> {
  return { ...shown, waiting: await ledger.undelivered(shown.name) }
}

/** What is wrong with the domain that a channel sends e-mail from. */
async function findingsOf(settings: ChannelSettings, texts: MessagePorts['texts']): Promise<string[]> {
  if (settings.kind !== 'email' && settings.kind !== 'sendgrid') return []
  const domain = settings.from.split('@').at(-1)!
  const asked = (name: string) => texts(name).catch(() => null)
  const [spf, dmarc, keys] = await Promise.all([
    asked(domain),
    asked(`_dmarc.${domain}`),
    Promise.all(SELECTORS.map(selector => asked(`${selector}._domainkey.${domain}`))),
  ])
  const dkim = keys.every(one => one === null) ? null : keys.flatMap(one => one ?? [])
  return senderFindings({ domain, spf, dmarc, dkim })
}

interface Beside {
  ledger: ReturnType<typeof messageStore>
  channels: ChannelStore
  now: number
}

async function alarmsOf({ name, suppressed }: KeptChannel, { ledger, now }: Beside): Promise<Alarm[]> {
  const fix = `\`inn notify list\` shows why; \`inn notify test ${name}\` tries it`
  if (suppressed !== null)
    return [
      {
        code: 'channel.bounced',
        level: 'soon',
        what: `the address of the channel ${name} takes nothing: ${suppressed}`,
        fix,
      },
    ]
  const oldest = await ledger.oldest(name)
  if (oldest === null || now - oldest < STUCK_MS) return []
  const what = `the channel ${name} delivers nothing since ${showDuration(now - oldest)}`
  return [{ code: 'channel.stuck', level: 'late', what, fix }]
}
