import type { OpenPart } from '../../parts/part.ts'
import { type LogPorts, logRoutes } from './routes.ts'

const AWAKE_MS = 10_000

export interface Needs extends LogPorts {
  /** Makes logs go on that stand still, and resolves with the names of their services. */
  wakeLogs(): Promise<string[]>
  log(level: string, msg: string): void
}

export const open = (needs: Needs): OpenPart => ({
  timers: [
    {
      name: 'logs',
      everyMs: AWAKE_MS,
      async work() {
        for (const name of await needs.wakeLogs())
          needs.log('warn', `the log of ${name} stood still, and goes on now`)
      },
    },
  ],
  routes: app => logRoutes(app, needs),
})
