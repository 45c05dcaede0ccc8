import type { OpenPart } from '../../parts/part.ts'
import type { Awake } from '../app/awake.ts'
import { wakeFirst } from './routes.ts'
import type { Sleeping } from './sleeping.ts'

export interface Needs {
  sleeping: Sleeping
  awake: Pick<Awake, 'hold'>
}

export const open = ({ sleeping, awake }: Needs): OpenPart => ({
  timers: [
    { name: 'sleep', everyMs: 5_000, work: () => sleeping.rest() },
    { name: 'wake', everyMs: 250, work: () => sleeping.wake() },
  ],
  alarms: () => sleeping.alarms(),
  routes: app => wakeFirst(app, { awaken: sleeping.awaken, awake }),
})
