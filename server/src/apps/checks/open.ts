import type { RunRow } from '../../engine/journal.ts'
import type { OpenPart } from '../../parts/part.ts'
import { trafficRoutes } from './routes.ts'
import { SLOT_SECONDS, type TrafficHistory } from './traffic.ts'
import type { Watcher } from './watcher.ts'

export interface Needs {
  watcher: Watcher
  traffic: TrafficHistory
  runs(app: string, limit: number): RunRow[]
}

export const open = ({ watcher, traffic, runs }: Needs): OpenPart => ({
  timers: [
    { name: 'watch', everyMs: 1_000, work: () => watcher.tick() },
    { name: 'traffic', everyMs: SLOT_SECONDS * 1_000, aligned: true, work: () => traffic.tick() },
  ],
  routes: app => trafficRoutes(app, { traffic, runs }),
})
