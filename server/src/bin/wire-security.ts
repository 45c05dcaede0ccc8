import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { appLock, slotName } from '../apps/app/names.ts'
import { runningSlots } from '../apps/deploys/observe.ts'
import type { Settings } from '../config/settings.ts'
import { watcherTokenFile } from '../config/watcher-token.ts'
import { request } from '../drivers/host/http.ts'
import { localMachine } from '../drivers/host/machine.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { isRoot } from '../drivers/host/proc.ts'
import { processes } from '../drivers/host/processes.ts'
import { readableBelow, readableByOthers } from '../drivers/host/readable.ts'
import { programsOf } from '../drivers/host/rights.ts'
import { advisories, registryOf } from '../drivers/npm/advisories.ts'
import { passwordFileOf } from '../drivers/postgres/create.ts'
import { entrancesOf, roleOf } from '../drivers/postgres/rights.ts'
import { treePid } from '../drivers/runit/runsvdir.ts'
import type { People } from '../reach/people/people.ts'
import { reviewOf } from '../reach/people/routes.ts'
import type { Seen } from '../watch/processes/processes.ts'
import type { SecurityPorts } from '../watch/security/ports.ts'
import { createSecurity, type Security } from '../watch/security/security.ts'
import { PROJECT } from './version.ts'
import type { Keeper } from './wire.ts'
import { postgresPast } from './wire-probes.ts'

interface Beside {
  settings: Settings
  people: People
  walls: Omit<SecurityPorts['walls'], 'root'>
}

/** What looks at this server and its apps as an attacker would. */
export function wireSecurity(keeper: Keeper, { settings, people, walls }: Beside): Security {
  const { apps, releases, clock, edge, engine, audit, home, deployPorts } = keeper
  const network = networkEnv(process.env)
  const guarded = new Set(Object.values(settings.metrics ?? {}))
  return createSecurity({
    ...{ apps, releases, clock },
    changing: app => engine.holds(appLock(app)),
    walls: { root: isRoot(), ...walls },
    edge: {
      https: (settings.httpsPort ?? null) !== null,
      proxied: settings.proxyProtocol === true,
      certified: app => edge.certified(app),
    },
    ask: asker(),
    machine: () => machineOf(keeper),
    brokenEntry: async () => (await audit.broken())?.id ?? null,
    access: async () => (people.any() ? (await reviewOf({ people, audit }, clock.now())).findings : []),
    readable: {
      server: async () => readableByOthers(await secretFiles(keeper)),
      async app(app) {
        const folder = home.app(app).root
        return isRoot() ? { folder, readable: await readableBelow(folder) } : null
      },
    },
    programs: app => programs(keeper, app),
    role: url => postgresPast(guarded)(url, LONGEST_MS, roleOf),
    network: app => networkOf(keeper, app),
    text: (app, release, path) => deployPorts.source(home.app(app).release(release).tree).text(path),
    registry: registryOf(network),
    advisories: installed => advisories(network, installed),
  })
}

const LONGEST_MS = 5_000
/** Enough to know a page by. */
const MOST_BYTES = 16 * 1024

/** Asks a site as a web server on this machine does that speaks for a visitor. */
function asker(): SecurityPorts['ask'] {
  // Addresses for documents (RFC 5737), another one each time: what counts requests of a visitor counts none of them.
  let visitor = 0
  return async ({ port, host, path, method, origin }) => {
    visitor = (visitor % 254) + 1
    const { status, headers, body } = await request({
      ...{ host: '127.0.0.1', port, path, method, timeoutMs: LONGEST_MS, maxBytes: MOST_BYTES, cut: true },
      headers: {
        ...{ host, origin, accept: '*/*', 'user-agent': 'innkeeper-security' },
        ...{
          'x-forwarded-for': `192.0.2.${visitor}`,
          'x-forwarded-proto': 'https',
          'x-forwarded-host': host,
        },
      },
    })
    return { path, method, status, headers, body }
  }
}

async function machineOf({ root }: Keeper) {
  // A keeper that nobody asks does without.
  const [{ look }, { readWanted }] = await Promise.all([
    import('../servers/setup/look.ts'),
    import('../servers/setup/reading.ts'),
  ])
  const packages = readWanted(readFileSync(join(PROJECT, 'inn'), 'utf8'))
  const [looked, seen] = await Promise.all([
    look(localMachine(), { home: root, project: PROJECT, packages }),
    processes(() => treePid(root)).read(),
  ])
  const service = serviceIn(seen)
  const open = looked.facts.listeners.filter(one => one.open)
  return {
    ...looked,
    listening: open.map(one => ({ ...one, service: one.pid === null ? null : service(one.pid) })),
  }
}

/** The service of this home whose process, or descendant of it, a process is. */
function serviceIn(seen: readonly Seen[]): (pid: number) => string | null {
  const all = new Map(seen.map(one => [one.pid, one]))
  return function above(pid): string | null {
    const one = all.get(pid)
    return one === undefined ? null : (one.supervises ?? above(one.ppid))
  }
}

/** Files of the server that hold secrets as they are, and the store. */
async function secretFiles({ home, clusters }: Keeper): Promise<string[]> {
  const made = await clusters.apps()
  return [
    ...[home.key, home.store, `${home.store}-wal`, watcherTokenFile(home)],
    ...made.map(app => passwordFileOf(home.cluster(app))),
  ]
}

async function programs({ apps, deployPorts, supervisor }: Keeper, app: string) {
  const slots = await runningSlots(deployPorts, app, await apps.ports())
  const found = slots.map(async slot => {
    const name = slotName(slot)
    const pid = (await supervisor.state(name))?.pid ?? null
    return pid === null ? [] : programsOf(name, pid)
  })
  return (await Promise.all(found)).flat()
}

async function networkOf({ clusters }: Keeper, app: string) {
  const cluster = clusters.of(app)
  if ((await cluster.port()) === null) return null
  if (!(await cluster.accepts())) throw new Error('its PostgreSQL does not answer')
  return cluster.superuser(entrancesOf)
}
