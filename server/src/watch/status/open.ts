import type { OpenPart } from '../../parts/part.ts'
import { type StatusPorts, statusRoutes } from './routes.ts'
import { type Disk, diskAlarms } from './rule.ts'

export type Needs = StatusPorts & {
  /** The disks of the home, of what was measured, and of the places for backups. */
  disks(): Promise<Disk[]>
}

export const open = (needs: Needs): OpenPart => ({
  alarms: async () => diskAlarms(await needs.disks()),
  routes: app => statusRoutes(app, needs),
})
