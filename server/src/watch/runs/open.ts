import type { RunRow } from '../../engine/journal.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { OpenPart } from '../../parts/part.ts'
import { type RunPorts, runRoutes } from './routes.ts'

export interface Needs extends RunPorts {
  /** Runs that a person must see to. */
  stuckRuns(): RunRow[]
}

export const open = (needs: Needs): OpenPart => ({
  alarms: async () => needs.stuckRuns().map(alarmOf),
  routes: app => runRoutes(app, needs),
})

function alarmOf({ plan: { app, kind, title }, leftover }: RunRow): Alarm {
  const [why = 'why is not known', fix = '`inn history` shows its steps'] = leftover
  return {
    ...(app === null ? {} : { app }),
    code: 'run.stuck',
    level: 'late',
    name: kind,
    what: `${title} is stuck, half done: ${why}`,
    fix,
  }
}
