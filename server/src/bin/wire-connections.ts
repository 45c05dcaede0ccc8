import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { currentRelease } from '../apps/app/app.ts'
import { fetcherOf } from '../apps/connections/carry.ts'
import { createConnections } from '../apps/connections/connections.ts'
import { isSigned } from '../apps/connections/signature.ts'
import { connectionStore } from '../apps/connections/store.ts'
import { createPreviews } from '../apps/previews/previews.ts'
import type { Uploads } from '../apps/releases/uploads.ts'
import { compareApps, parseApp, previewOf } from '../config/app-key.ts'
import type { Settings } from '../config/settings.ts'
import { commenting } from '../drivers/forges/comments.ts'
import { fetching } from '../drivers/git/fetch.ts'
import { cgroupFolder } from '../drivers/host/cgroups.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { randomText } from '../drivers/host/random.ts'
import { appAccount, removeAccount } from '../drivers/host/users.ts'
import type { Plan } from '../engine/plan.ts'
import { inTurns } from '../kernel/turns.ts'
import type { Keeper } from './wire.ts'

interface Beside {
  settings: Settings
  uploads: Uploads
  begin(plan: Plan, actor: string): Promise<string>
}

/** Repositories elsewhere whose pull requests become previews. */
export function wireConnections(keeper: Keeper, { settings, uploads, begin }: Beside) {
  const { root, home, store, apps, releases, deployer, engine, edge, journal, audit, clock, log } = keeper
  const cgroups = cgroupFolder(root)
  // Two fetches at once would make the user twice.
  const turn = inTurns()
  const connections = connectionStore(store)
  const numberOf = async (app: string) =>
    (await connections.pulls()).find(one => one.app === app)?.number ?? null
  const previews = createPreviews({ apps, releases, deployer, engine, clock, audit, numberOf })
  return {
    numberOf,
    connections: createConnections({
      ...{
        connectionStore: connections,
        apps,
        deployer,
        engine,
        journal,
        audit,
        clock,
        log,
        begin,
        isSigned,
      },
      random: randomText,
      edgeTakes: () => edge.configure(sites => [...sites]),
      digest: text => createHash('sha256').update(text).digest('hex'),
      write: commenting(new Set([settings.apiPort, ...Object.values(settings.metrics ?? {})])),
      repositories: {
        bring: fetching({
          ...{ home, uploads, network: networkEnv(process.env) },
          account: app => turn(() => appAccount(root, fetcherOf(app))),
          cgroup: name => (cgroups === null ? null : join(cgroups, name)),
        }),
        forget: app => removeAccount(root, fetcherOf(app)),
      },
      async shown(app) {
        const found = await previews.find(app)
        if (found === null) return null
        const { domain, tls, endsAt: until, login } = found
        return { until, login, url: domain === null ? null : urlAt(settings, { domain, tls }) }
      },
      domainOf: app => domainOf(keeper, settings, app),
    }),
  }
}

/** A domain at which the edge answers for an app, production first. */
async function domainOf(
  { apps, releases }: Keeper,
  settings: Settings,
  name: string,
): Promise<string | null> {
  const own = (await apps.all()).filter(one => {
    const of = parseApp(one.name)
    return of.name === name && previewOf(of.environment) === null
  })
  for (const one of own.sort((a, b) => compareApps(a.name, b.name))) {
    const id = currentRelease(one)
    const domain = id === null ? undefined : (await releases.find(one.name, id))?.config.domains[0]
    // Without a port of its own for TLS, a proxy before it has one.
    if (domain !== undefined)
      return urlAt({ ...settings, httpsPort: settings.httpsPort ?? 443 }, { domain, tls: true })
  }
  return null
}

/** Where visitors reach a domain of this server. */
function urlAt({ httpPort, httpsPort }: Settings, { domain, tls }: { domain: string; tls: boolean }): string {
  const secure = tls && httpsPort != null
  const port = secure ? httpsPort : httpPort
  return `${secure ? 'https' : 'http'}://${domain}${port === null || port === (secure ? 443 : 80) ? '' : `:${port}`}`
}
