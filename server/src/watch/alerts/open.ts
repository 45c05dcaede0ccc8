import type { OpenPart } from '../../parts/part.ts'
import type { Alerts } from './alerts.ts'

export interface Needs {
  alerts: Alerts
}

export const open = ({ alerts }: Needs): OpenPart => ({
  timers: [{ name: 'alerts', everyMs: 15_000, work: () => alerts.tick() }],
})
