import type { OpenPart } from '../../parts/part.ts'
import { wakeFirst } from './routes.ts'
import { createSleeping, type SleepPorts } from './sleeping.ts'

export type Needs = SleepPorts

export function open(needs: Needs): OpenPart {
  const sleeping = createSleeping(needs)
  return {
    timers: [
      { name: 'sleep', everyMs: 5_000, work: () => sleeping.rest() },
      { name: 'wake', everyMs: 250, work: () => sleeping.wake() },
    ],
    alarms: () => sleeping.alarms(),
    routes: app => wakeFirst(app, { awaken: sleeping.awaken, awake: needs.awake }),
  }
}
