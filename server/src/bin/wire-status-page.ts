import { createHash, createHmac } from 'node:crypto'
import { type App, currentRelease } from '../apps/app/app.ts'
import type { TrafficHistory } from '../apps/checks/traffic.ts'
import type { Watcher } from '../apps/checks/watcher.ts'
import type { AppConfig } from '../config/config.ts'
import type { StatusPageConfig } from '../config/status-page.ts'
import { randomText } from '../drivers/host/random.ts'
import { statusPages } from '../drivers/nginx/status-files.ts'
import { STATUS_PATH } from '../reach/edge/edge.ts'
import type { Incidents } from '../watch/incidents/incidents.ts'
import type { Maintenance } from '../watch/maintenance/maintenance.ts'
import type { Messages } from '../watch/messages/messages.ts'
import { createStatusPages } from '../watch/status-page/status-page.ts'
import { statusPageStore } from '../watch/status-page/store.ts'
import { subscriberStore } from '../watch/status-page/subscriber-store.ts'
import { createSubscribers } from '../watch/status-page/subscribers.ts'
import type { Keeper } from './wire.ts'

interface Beside {
  messages: Pick<Messages, 'wake' | 'channel'>
  watcher: Pick<Watcher, 'instances'>
  traffic: Pick<TrafficHistory, 'slots'>
  maintenance: Pick<Maintenance, 'list'>
  incidents: Pick<Incidents, 'inPublic'>
  config(app: string, release: string): Promise<AppConfig | null>
}

/** The status pages of apps, and who is told of them. */
export function wireStatusPages(keeper: Keeper, beside: Beside) {
  const { store, clock, apps, edge, home, log, secret } = keeper
  const { messages, watcher, traffic } = beside
  const wake = () => messages.wake()
  const subscribers = createSubscribers({
    ...{ store: subscriberStore(store), clock, random: randomText, wake },
    digest: text => createHash('sha256').update(text).digest('hex'),
    sign: async text =>
      createHmac('sha256', await secret('status-pages'))
        .update(text)
        .digest('hex'),
    mailing: app => pages.mailing(app),
  })
  const pages = createStatusPages({
    ...{ ...beside, store: statusPageStore(store), subscribers, clock, wake, log },
    pages: statusPages(home.root),
    apps: () => apps.all(),
    async config(app) {
      const release = currentRelease(app)
      return release === null ? null : beside.config(app.name, release)
    },
    instances: app => watcher.instances(app),
    table: app => edge.table(app),
    slots: app => traffic.slots(app),
    takesLetters: async name => (await messages.channel(name))?.letters !== undefined,
    url: (app, page) => urlOf(keeper, app, page),
  })
  return { statusPages: pages, subscribers }
}

/** Where a page is reached, as the edge shows it at this moment. */
async function urlOf({ edge, settings }: Keeper, { name, port }: App, { domain }: StatusPageConfig) {
  const { httpPort, httpsPort = null } = settings
  const at = (usual: number, open: number) => (open === usual ? '' : `:${open}`)
  if (domain === undefined || (httpPort === null && httpsPort === null))
    return `http://127.0.0.1:${port}${STATUS_PATH}`
  if (httpsPort !== null && (await edge.certified(name))?.names.includes(domain) === true)
    return `https://${domain}${at(443, httpsPort)}/`
  return `http://${domain}${at(80, httpPort ?? 80)}/`
}
