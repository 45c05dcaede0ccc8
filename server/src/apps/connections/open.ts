import type { OpenPart } from '../../parts/part.ts'
import { type ConnectionRoutePorts, connectionRoutes } from './routes.ts'

export type Needs = ConnectionRoutePorts

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'pull requests', everyMs: 10_000, work: () => needs.connections.tick() }],
  routes: app => connectionRoutes(app, needs),
})
