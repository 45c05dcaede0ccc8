import type { Clock } from '../../kernel/clock.ts'
import type { OpenPart } from '../../parts/part.ts'
import { sentenceOf } from './alert.ts'
import type { Alerts } from './alerts.ts'
import { type ButtonPorts, createButtons } from './buttons.ts'
import { type AlertRoutePorts, alertRoutes } from './routes.ts'
import { type V2Ports, v2Routes } from './routes-v2.ts'
import { createSilences } from './silences.ts'
import type { AlertStore } from './store.ts'
import { createWatchdog } from './watchdog.ts'

export type Needs = Omit<V2Ports, 'silences' | 'alerts'> &
  Pick<AlertRoutePorts, 'audit'> & {
    alerts: Alerts
    alertStore: AlertStore
    alertSettings: AlertRoutePorts['settings']
    knownChannel: AlertRoutePorts['knownChannel']
    callWatchdog(address: string): Promise<void>
    messages: Pick<ButtonPorts, 'channel'> & { incidents: ButtonPorts['occurrences'] }
    log: ButtonPorts['log']
    clock: Clock
    newId(): string
  }

export function open(needs: Needs): OpenPart {
  const { alerts, alertStore: store, alertSettings: settings, clock, newId } = needs
  const silences = createSilences({ store, clock, newId, changed: alerts.changed })
  const watchdog = createWatchdog({
    address: async () => (await settings.read()).watchdog,
    call: needs.callWatchdog,
  })
  const buttons = createButtons({
    ...{ clock, log: needs.log },
    alerts: alerts.list,
    acknowledge: async (occurrences, by) => {
      const acked = await alerts.acknowledge(one => occurrences.includes(one.occurrence), by)
      for (const one of acked) await needs.audit.write({ actor: by, action: 'ack', detail: sentenceOf(one) })
      return acked
    },
    channel: needs.messages.channel,
    occurrences: needs.messages.incidents,
  })
  return {
    timers: [
      { name: 'alerts', everyMs: 15_000, work: () => alerts.tick() },
      { name: 'buttons', everyMs: 2_000, work: () => buttons.tick() },
      { name: 'watchdog', everyMs: 60_000, work: () => watchdog.tick() },
    ],
    alarms: () => watchdog.alarms(),
    routes(app) {
      alertRoutes(app, { ...needs, store, settings })
      v2Routes(app, { ...needs, silences })
    },
  }
}
