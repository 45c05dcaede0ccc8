import { join } from 'node:path'
import { type Actor, mayIn } from '../api/actor.ts'
import { heldTo, type Passes } from '../api/passes.ts'
import { currentRelease } from '../apps/app/app.ts'
import type { OneOffPorts } from '../apps/releases/one-off.ts'
import { builtIn } from '../apps/releases/release.ts'
import type { AppConfig } from '../config/config.ts'
import { runInn } from '../drivers/host/inn.ts'
import { sources } from '../drivers/host/source.ts'
import { readRows } from '../drivers/postgres/reading.ts'
import { describe, Failure } from '../kernel/failure.ts'
import type { Alerts } from '../watch/alerts/alerts.ts'
import type { Incidents } from '../watch/incidents/incidents.ts'
import { createAutomatic } from '../watch/runbooks/automatic.ts'
import { library } from '../watch/runbooks/library.ts'
import type { WalkPorts } from '../watch/runbooks/ports.ts'
import { runbookStore } from '../watch/runbooks/store.ts'
import { createWalks } from '../watch/runbooks/walks.ts'
import { PROJECT } from './version.ts'
import type { Keeper } from './wire.ts'

interface Beside {
  alerts: Pick<Alerts, 'world'>
  incidents: Incidents
  config(app: string, release: string): Promise<AppConfig | null>
  passes: Passes
  address: OneOffPorts['address']
}

/** Runbooks, for one home. */
export function wireRunbooks(keeper: Keeper, { alerts, incidents, config, passes, address }: Beside) {
  const { apps, releases, home, clock, log } = keeper
  const store = runbookStore(keeper.store)
  const current = async (app: string) => currentRelease(await apps.find(app))
  const books = library({
    own: sources(join(PROJECT, 'docs/runbooks')),
    async served(app) {
      const id = await current(app)
      const release = id === null ? null : await releases.find(app, id)
      return release === null ? null : sources(home.app(app).release(builtIn(release)).tree)
    },
  })
  const shared = { store, library: books, clock, log }
  const walks = createWalks({ ...shared, incidents, run: running(keeper, passes), read: reading(address) })
  const automatic = createAutomatic({
    ...{ ...shared, walks, world: alerts.world },
    apps: async () => (await apps.all()).map(({ name }) => name),
    async autos(app) {
      const id = await current(app)
      const found = id === null ? null : await config(app, id)
      return Object.entries(found?.runbooks ?? {}).map(([runbook, { on, every }]) => ({
        runbook,
        on,
        everyMs: every,
      }))
    },
  })
  return { walks, automatic, library: books, store }
}

/** Commands with the rights of whoever walks. What a repository of an app says reaches no other app. */
const running =
  ({ home }: Keeper, passes: Passes): WalkPorts['run'] =>
  async ({ words, actor, within, timeoutMs, id, say }) => {
    const { token, end } = passes.lend(within === null ? actor : heldTo(actor, within, roleIn(actor, within)))
    try {
      const { code, tail } = await runInn({
        ...{ program: join(PROJECT, 'inn'), home: home.root, words, pass: token, timeoutMs, onLine: say },
        pidFile: join(home.root, 'run', `walk-${id}.pid`),
      })
      return { code, output: tail }
    } finally {
      end()
    }
  }

const roleIn = (actor: Actor, app: string): Actor['role'] =>
  (['admin', 'operator', 'viewer'] as const).find(role => mayIn(actor, role, app)) ?? null

const reading =
  (address: OneOffPorts['address']): WalkPorts['read'] =>
  async (app, sql, timeoutMs) => {
    const url = await address(app, { owner: false })
    if (url === null) throw unread(app, 'it has no database here')
    try {
      return await readRows(url, sql, timeoutMs)
    } catch (error) {
      throw unread(app, describe(error).what)
    }
  }

const unread = (app: string, why: string): Failure =>
  new Failure('runbook.check', `the database of ${app} could not be read`, {
    why,
    fix: '`inn status` shows whether it is up; the check may name what is not there',
  })
