import type { Alarm } from '../../kernel/wire-alarm.ts'

/** An alarm that was reported and is not over. `since`: milliseconds since 1970. */
export interface Alert extends Alarm {
  since: number
}

/** What is to be reported: an alert began, got worse, or is over. */
export type AlertEvent = { type: 'raised' | 'worse'; alarm: Alarm } | { type: 'over'; alert: Alert }

/**
 * Compares the known alerts with the alarms of this moment. Alarms with the same code are one alert: the worst of them
 * stands for all.
 */
export function reduce(
  known: readonly Alert[],
  alarms: readonly Alarm[],
  now: number,
): { alerts: Alert[]; events: AlertEvent[] } {
  const before = new Map(known.map(alert => [alert.code, alert]))
  const current = worstOfEach(alarms)
  const events = current.flatMap((alarm): AlertEvent[] => {
    const old = before.get(alarm.code)
    if (old === undefined) return [{ type: 'raised', alarm }]
    return old.level === 'soon' && alarm.level === 'late' ? [{ type: 'worse', alarm }] : []
  })
  const codes = new Set(current.map(alarm => alarm.code))
  return {
    alerts: current.map(alarm => ({ ...alarm, since: before.get(alarm.code)?.since ?? now })),
    events: [
      ...events,
      ...known.flatMap((alert): AlertEvent[] => (codes.has(alert.code) ? [] : [{ type: 'over', alert }])),
    ],
  }
}

function worstOfEach(alarms: readonly Alarm[]): Alarm[] {
  const worst = new Map<string, Alarm>()
  for (const alarm of alarms) {
    const other = worst.get(alarm.code)
    if (other === undefined || (other.level === 'soon' && alarm.level === 'late'))
      worst.set(alarm.code, alarm)
  }
  return [...worst.values()]
}
