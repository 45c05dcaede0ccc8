import { currentRelease } from '../apps/app/app.ts'
import { hiddenOf } from '../apps/releases/heard.ts'
import type { OneOff } from '../apps/releases/one-off.ts'
import type { Plan } from '../engine/plan.ts'
import { parseArgv } from '../kernel/argv.ts'
import { hiding } from '../kernel/hide.ts'
import { telling } from '../kernel/output.ts'
import { createMaintenance, type Maintenance } from '../watch/maintenance/maintenance.ts'
import type { PerformPorts } from '../watch/maintenance/perform.ts'
import type { MaintenanceStep } from '../watch/maintenance/step.ts'
import { maintenanceStore } from '../watch/maintenance/store.ts'
import type { Messages } from '../watch/messages/messages.ts'
import type { Keeper } from './wire.ts'
import { linkOf } from './wire-alerts.ts'
import { toItsEnd } from './wire-one-off.ts'

const TAIL = 16_000
/** So many of the newest runs of an app are looked through. */
const LATEST = 50

const isOf = ({ steps }: Plan, window: number): boolean =>
  steps.some(
    ({ does }) =>
      (does as MaintenanceStep).kind === 'maintenance.run' && (does as MaintenanceStep).window === window,
  )

interface Beside {
  messages: Messages
  alertsChanged(): void
}

export const wireMaintenance = (keeper: Keeper, { messages, alertsChanged }: Beside): Maintenance => {
  const { store, edge, engine, journal, apps, clock } = keeper
  return createMaintenance({
    ...{ store: maintenanceStore(store), edge, engine, apps, messages, alertsChanged, clock },
    outcome: run => journal.read(run)?.outcome ?? null,
    runOf: ({ id, app }) => keeper.runs(app, LATEST).find(({ plan }) => isOf(plan, id))?.id ?? null,
    link: linkOf(store),
  })
}

/** Commands of a maintenance, as `inn run` has them. */
export const maintenanceCommands = ({ apps, releases }: Keeper, oneOff: OneOff): PerformPorts => ({
  async command(name, line, { signal, say }) {
    const parsed = parseArgv(line)
    if ('problem' in parsed) throw new TypeError(`${line}: ${parsed.problem}`)
    const app = await apps.get(name)
    const release = await releases.get(name, currentRelease(app) ?? '')
    const hide = hiding(hiddenOf(await apps.secrets(name)))
    const order = { app, release, argv: parsed.argv, env: {}, signal }
    const { code, said } = await toItsEnd(oneOff, order, { letters: TAIL, say: text => say(hide(text)) })
    return { code, tail: telling(hide(said)) }
  },
})
