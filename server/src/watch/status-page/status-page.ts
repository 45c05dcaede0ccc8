import type { App } from '../../apps/app/app.ts'
import type { SeenInstance } from '../../apps/app/status.ts'
import type { AppConfig } from '../../config/config.ts'
import { componentsOf, type StatusPageConfig } from '../../config/status-page.ts'
import type { Clock } from '../../kernel/clock.ts'
import { Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { StatusPages as PageFolder, RouteTable } from '../../reach/edge/edge.ts'
import type { Incidents } from '../incidents/incidents.ts'
import type { Maintenance } from '../maintenance/maintenance.ts'
import { feedOf } from './feed.ts'
import { htmlOf } from './html.ts'
import type { Slot } from './measure.ts'
import { count, fresh, type Memory } from './memory.ts'
import { stateOf } from './rule.ts'
import { dayOf, SHOWN_DAYS } from './rule-days.ts'
import { newsOf } from './rule-news.ts'
import type { StatusPageStore } from './store.ts'
import type { Subscribers } from './subscribers.ts'
import { PAST_MS, pageOf, publicOf } from './view.ts'
import type { PageView, StatusPageView } from './wire.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
/** How often what was counted is written down: a keeper that is killed loses so much at most. */
const KEEP_MS = 30_000
/** A page that could not be written for so long is an alarm. */
const STUCK_MS = 2 * MINUTE_MS
const NEWS_IN_FEED = 50

export interface StatusPagePorts {
  store: StatusPageStore
  subscribers: Subscribers
  clock: Clock
  pages: PageFolder
  apps(): Promise<App[]>
  /** Of the release that serves; null: none does. */
  config(app: App): Promise<AppConfig | null>
  instances(app: string): Promise<readonly SeenInstance[]>
  table(app: string): Promise<RouteTable | null>
  /** What the edge counted in the last minute. */
  slots(app: string): readonly Slot[]
  incidents: Pick<Incidents, 'inPublic'>
  maintenance: Pick<Maintenance, 'list'>
  /** Where the page is reached, with `/` at its end. */
  url(app: App, page: StatusPageConfig): Promise<string>
  /** Whether there is a channel of this name that takes letters. */
  takesLetters(channel: string): Promise<boolean>
  wake(): Promise<void>
  log(level: string, msg: string, more?: object): void
}

interface Page {
  app: App
  config: AppConfig
  page: StatusPageConfig
  memory: Memory
}

export type StatusPages = ReturnType<typeof createStatusPages>

/** Looks at the components of each app with a page, keeps how they were, and writes the page where the edge serves it. */
export function createStatusPages(ports: StatusPagePorts) {
  const { store, subscribers, clock, pages } = ports
  const memories = new Map<string, Memory>()
  let tidiedAt = 0

  async function known(app: App): Promise<Page | null> {
    const config = await ports.config(app)
    const page = config?.statusPage
    if (config === null || page === undefined) return null
    const memory = memories.get(app.name) ?? fresh(await store.days(app.name))
    memories.set(app.name, memory)
    return { app, config, page, memory }
  }

  /** How each component is at this moment, as it is measured. */
  async function measured({ app, config, page, memory }: Page, now: number) {
    const windows = (await ports.maintenance.list()).filter(one => one.app === app.name)
    const closed = windows.some(({ state }) => state === 'on')
    const all = await ports.instances(app.name)
    const asleep = (await ports.table(app.name))?.asleep === true
    const seen = {
      ...{ now, slots: ports.slots(app.name), asleep, stopped: app.state === 'stopped' && !asleep },
      instances: all.filter(one => app.live[one.service]?.colour === one.colour),
    }
    const components = componentsOf(page, config.services).map(({ name, services }) => {
      const own = config.services.filter(one => services.includes(one.name))
      return {
        ...{ name, services },
        state: stateOf(
          own.map(one => memory.look.facts(seen, one)),
          closed,
        ),
      }
    })
    return { windows, components, slots: seen.slots }
  }

  async function viewOf(
    { app, page, memory }: Page,
    found: Awaited<ReturnType<typeof measured>>,
    now: number,
  ) {
    const incidents = await ports.incidents.inPublic(app.name, now - PAST_MS)
    const components = found.components.map(({ name, state }) => ({
      ...{ name, state },
      of: (day: string) => memory.days.get(`${name}/${day}`),
    }))
    const title = page.title ?? app.name
    return { incidents, view: pageOf({ title, now, components, incidents, windows: found.windows }) }
  }

  /** Looks at one app, tells what is new, and writes its page where that says something else, or is old. */
  async function tend(found: Page): Promise<void> {
    const { app, memory } = found
    const now = clock.now()
    const seen = await measured(found, now)
    count(memory, seen, now)
    if (now - memory.keptAt >= KEEP_MS || now < memory.keptAt) await keep(app.name, memory, now)
    const { view, incidents } = await viewOf(found, seen, now)
    const news = newsOf({ incidents, windows: seen.windows }, await store.told(app.name), now)
    for (const one of news) await store.tell(app.name, one, await subscribers.drafts(app.name, one), now)
    if (news.length > 0) await ports.wake()
    const said = saidBy(view)
    const young = memory.writtenAt !== null && now - memory.writtenAt < MINUTE_MS && now >= memory.writtenAt
    if (said === memory.said && young) return
    await write(found, view)
    Object.assign(memory, { said, writtenAt: now, failingSince: null })
  }

  const mails = async ({ mail }: StatusPageConfig): Promise<boolean> =>
    mail !== undefined && (await ports.takesLetters(mail))

  async function write({ app, page }: Page, view: PageView): Promise<void> {
    const about = { app: app.name, title: view.title, url: await ports.url(app, page) }
    await pages.publish(app.name, {
      'index.html': htmlOf(view, { mails: await mails(page) }),
      'feed.xml': feedOf({ ...about, news: await store.news(app.name, NEWS_IN_FEED) }),
      'status.json': `${JSON.stringify(publicOf(view))}\n`,
    })
  }

  async function keep(app: string, memory: Memory, now: number): Promise<void> {
    const rows = [...memory.changed].map(key => {
      const at = key.lastIndexOf('/')
      return { component: key.slice(0, at), day: key.slice(at + 1), counts: memory.days.get(key)! }
    })
    await store.keepDays(app, rows)
    memory.changed.clear()
    memory.keptAt = now
  }

  /** Forgets what is old, and all of apps and pages that are gone. */
  async function tidy(all: readonly App[], wanted: ReadonlySet<string>, now: number): Promise<void> {
    for (const site of await pages.published()) if (!wanted.has(site)) await pages.remove(site)
    for (const name of memories.keys()) if (!wanted.has(name)) memories.delete(name)
    if (now - tidiedAt < MINUTE_MS && now >= tidiedAt) return
    tidiedAt = now
    const names = new Set(all.map(one => one.name))
    for (const name of await store.apps()) if (!names.has(name)) await store.forget(name)
    await store.pruneDays(dayOf(now - (SHOWN_DAYS + 5) * DAY_MS), dayOf(now + DAY_MS))
    await store.pruneNews(now - SHOWN_DAYS * DAY_MS)
    await subscribers.prune()
  }

  async function shownOf(found: Page): Promise<StatusPageView> {
    const { name } = found.app
    const now = clock.now()
    const { view } = await viewOf(found, await measured(found, now), now)
    const [told] = await store.news(name, 1)
    const { writtenAt } = found.memory
    return {
      ...{ app: name, url: await ports.url(found.app, found.page), page: view },
      publishedAt: writtenAt === null ? null : iso(writtenAt),
      ...{
        mail: (await mails(found.page)) ? (found.page.mail ?? null) : null,
        subscribers: await subscribers.count(name),
      },
      told: told === undefined ? null : { at: iso(told.at), title: told.title },
    }
  }

  /** null: there is no such app, or it has no page. */
  const named = async (name: string): Promise<Page | null> => {
    const app = (await ports.apps()).find(one => one.name === name)
    return app === undefined ? null : known(app)
  }

  const get = async (name: string): Promise<Page> => {
    const found = await named(name)
    if (found !== null) return found
    throw new Failure('status-page.none', `${name} has no status page`, {
      why: 'no release of it serves whose innkeeper.yaml has `statusPage:`',
      fix: 'add `statusPage: { domain: status.example.com }`, then `inn deploy`',
    })
  }

  return {
    /** Called by a timer. One page that fails keeps no other from it. */
    async tick(): Promise<void> {
      const all = await ports.apps()
      const kept = new Set<string>()
      for (const app of all) {
        try {
          const found = await known(app)
          if (found !== null) await tend(found)
          if (found !== null) kept.add(app.name)
        } catch (error) {
          // What is there stays: nobody knows that the app has no page any more.
          kept.add(app.name)
          const memory = memories.get(app.name)
          if (memory !== undefined) memory.failingSince ??= clock.now()
          ports.log('error', `the status page of ${app.name} cannot be written`, { error: String(error) })
        }
      }
      await tidy(all, kept, clock.now())
    },

    /** Names of the components of a page; those of the server are none. null: there is no page. */
    async components(name: string | null): Promise<string[] | null> {
      const all = await ports.apps()
      const found = (await Promise.all(all.map(known))).filter(one => one !== null)
      if (name === null) return found.length === 0 ? null : []
      const page = found.find(one => one.app.name === name)
      if (page === undefined) return null
      return componentsOf(page.page, page.config.services).map(one => one.name)
    },

    /** null: the app has no page that people can subscribe to. */
    async mailing(name: string): Promise<{ title: string; url: string; channel: string } | null> {
      const found = await named(name)
      if (found === null || found.page.mail === undefined || !(await mails(found.page))) return null
      const url = await ports.url(found.app, found.page)
      return { title: found.page.title ?? name, url, channel: found.page.mail }
    },

    /** Failure `status-page.none`. */
    show: async (name: string): Promise<StatusPageView> => shownOf(await get(name)),

    /** Those of the apps that are asked for. */
    async all(permits: (app: string) => boolean): Promise<StatusPageView[]> {
      const found = await Promise.all((await ports.apps()).filter(one => permits(one.name)).map(known))
      return Promise.all(found.filter(one => one !== null).map(shownOf))
    },

    async alarms(): Promise<Alarm[]> {
      const stuck = [...memories].filter(
        ([, { failingSince }]) => failingSince !== null && clock.now() - failingSince >= STUCK_MS,
      )
      return stuck.map(([app]) => ({
        app,
        code: 'status-page.stuck',
        level: 'soon' as const,
        what: `the status page of ${app} is not written any more: visitors see how it was`,
        fix: '`inn logs keeper -n 50` says why; most often the disk is full',
      }))
    },
  }
}

/** What a reader would call a change. */
const saidBy = ({ state, title, components, incidents, maintenance }: PageView): string =>
  JSON.stringify({
    ...{ state, title, incidents, maintenance },
    components: components.map(one => [one.name, one.state]),
  })
