import { currentRelease } from '../apps/app/app.ts'
import type { OneOff } from '../apps/releases/one-off.ts'
import { readSetting } from '../db/setting.ts'
import { tailOf } from '../drivers/host/tail.ts'
import { parseArgv } from '../kernel/argv.ts'
import { telling } from '../kernel/output.ts'
import { LINK } from '../watch/alerts/watchdog.ts'
import { createMaintenance, type Maintenance } from '../watch/maintenance/maintenance.ts'
import type { PerformPorts } from '../watch/maintenance/perform.ts'
import { maintenanceStore } from '../watch/maintenance/store.ts'
import type { Messages } from '../watch/messages/messages.ts'
import type { Keeper } from './wire.ts'

const TAIL = 16_000

interface Beside {
  messages: Messages
  alertsChanged(): void
}

export const wireMaintenance = (keeper: Keeper, { messages, alertsChanged }: Beside): Maintenance => {
  const { store, edge, engine, journal, apps, clock } = keeper
  return createMaintenance({
    ...{ store: maintenanceStore(store), edge, engine, apps, messages, alertsChanged, clock },
    outcome: run => journal.read(run)?.outcome ?? null,
    link: async () => (await readSetting(store, LINK)) || null,
  })
}

/** Commands of a maintenance, as `inn run` has them. */
export const maintenanceCommands = ({ apps, releases }: Keeper, oneOff: OneOff): PerformPorts => ({
  async command(name, line, { signal, say }) {
    const parsed = parseArgv(line)
    if ('problem' in parsed) throw new TypeError(`${line}: ${parsed.problem}`)
    const app = await apps.get(name)
    const release = await releases.get(name, currentRelease(app) ?? '')
    const said = tailOf(TAIL, say)
    const held = await oneOff({
      ...{ app, release, argv: parsed.argv, service: null, terminal: null, env: {} },
      ...{ stdout: said.stream(), stderr: said.stream(), signal },
    })
    held.stdin.end()
    const { code } = await held.finished
    return { code, tail: telling(said.text()) }
  },
})
