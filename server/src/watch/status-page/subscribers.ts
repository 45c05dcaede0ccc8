import { countedBy } from '../../kernel/bucket.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Draft } from '../messages/store.ts'
import { already, confirmation, newsLetter, type Sender } from './letters.ts'
import type { News } from './rule-news.ts'
import type { Subscriber, SubscriberStore } from './subscriber-store.ts'

/** How long the link of a confirmation is good. */
const CONFIRM_MS = 48 * 3_600_000
/** Bounds, so that nobody fills the store, and no page becomes a list that mail providers distrust. */
const MOST_CONFIRMED = 5_000
const MOST_WAITING = 500
/** Letters to one address that asks, and to all of a page: a form must not be a way to write to strangers. */
const OF_ADDRESS = { burst: 2, perSecond: 3 / 86_400 }
const OF_PAGE = { burst: 30, perSecond: 60 / 3_600 }

/** A page that people can subscribe to. */
export interface Mailing extends Sender {
  channel: string
}

export interface SubscriberPorts {
  store: SubscriberStore
  clock: Clock
  random(length: number): string
  /** A digest of a text. */
  digest(text: string): string
  /** A digest that nobody makes who does not have the server's secret. */
  sign(text: string): Promise<string>
  /** null: the app has no page that people can subscribe to. */
  mailing(app: string): Promise<Mailing | null>
  wake(): Promise<void>
}

export type Subscribers = ReturnType<typeof createSubscribers>

/** Who is told of a page by e-mail: after they confirmed it, and until they end it. */
export function createSubscribers({ store, clock, ...ports }: SubscriberPorts) {
  const ofAddress = countedBy(OF_ADDRESS)
  const ofPage = countedBy(OF_PAGE)

  const known = async (app: string): Promise<Mailing> => {
    const found = await ports.mailing(app)
    if (found !== null) return found
    throw new Failure('status-page.no-mail', 'nobody can subscribe here', {
      why: `${app} has no status page that names a channel of e-mail`,
      fix: 'add `mail: CHANNEL` below `statusPage:`, and deploy',
    })
  }
  const endToken = async (app: string, id: number): Promise<string> =>
    `${id}-${(await ports.sign(`unsubscribe ${app} ${id}`)).slice(0, 40)}`
  const endLink = async (app: string, { url }: Sender, id: number): Promise<string> =>
    `${url}unsubscribe?token=${await endToken(app, id)}`

  async function ask(app: string, address: string, from: Mailing): Promise<void> {
    const now = clock.now()
    const there = await store.find(app, address)
    if (there !== null && there.confirmedAt !== null) {
      const content = already(from, address, await endLink(app, from, there.id))
      return store.write({ channel: from.channel, content }, now)
    }
    const token = ports.random(40)
    const content = confirmation(from, address, `${from.url}confirm?token=${token}`)
    const draft = { channel: from.channel, content }
    await store.ask({ app, address, token: ports.digest(token), until: now + CONFIRM_MS, draft }, now)
  }

  return {
    /** Sends a letter that asks whether it was them. Nothing of the outcome tells whether the address was known. Resolves with whether one more is taken at the moment. Failure `status-page.no-mail`. */
    async subscribe(app: string, address: string): Promise<boolean> {
      const from = await known(app)
      const { confirmed, waiting } = await store.count(app)
      if (confirmed >= MOST_CONFIRMED || waiting >= MOST_WAITING || !ofPage(app, clock.now())) return false
      if (!ofAddress(`${app} ${address}`, clock.now())) return true
      await ask(app, address, from)
      await ports.wake()
      return true
    },

    /** Whether the token was good. */
    confirm: (app: string, token: string): Promise<boolean> =>
      store.confirm(app, ports.digest(token), clock.now()),

    /** Whether the token is that of somebody; who is gone already is gone. */
    async unsubscribe(app: string, token: string): Promise<boolean> {
      const id = Number(/^(\d{1,15})-/.exec(token)?.[1] ?? Number.NaN)
      if (!Number.isSafeInteger(id) || token !== (await endToken(app, id))) return false
      await store.remove(app, id)
      return true
    },

    /** A letter to each who confirmed. */
    async drafts(app: string, news: News): Promise<Draft[]> {
      const from = await ports.mailing(app)
      if (from === null) return []
      const all = (await store.all(app)).filter(one => one.confirmedAt !== null)
      return Promise.all(
        all.map(async ({ id, address }) => ({
          channel: from.channel,
          content: newsLetter(from, address, news, await endLink(app, from, id)),
        })),
      )
    },

    list: (app: string): Promise<Subscriber[]> => store.all(app),
    count: async (app: string): Promise<number> => (await store.count(app)).confirmed,

    /** Failure `subscriber.unknown`. */
    async remove(app: string, address: string): Promise<void> {
      const found = await store.find(app, address)
      if (found !== null && (await store.remove(app, found.id))) return
      throw new Failure('subscriber.unknown', `${address} has not subscribed`, {
        why: 'it never did, or has ended it',
        fix: `\`inn status-page subscribers ${app}\` lists those who have`,
      })
    },

    prune: (): Promise<void> => store.prune(clock.now()),
  }
}
