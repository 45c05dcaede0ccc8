import type { OpenPart } from '../../parts/part.ts'
import { wallAlarms } from './wall-alarms.ts'

export interface Needs {
  /** From then on only the right user answers on each port. */
  holdPorts(): Promise<void>
  /** Why a wall between apps is missing on this machine; null: the wall stands. */
  walls: { ports(): string | null; mounts(): Promise<string | null> }
}

export const open = ({ holdPorts, walls }: Needs): OpenPart => ({
  // Repeated, because reloading another firewall on this machine may empty all tables of nftables.
  timers: [{ name: 'ports', everyMs: 30_000, work: holdPorts }],
  alarms: async () => wallAlarms({ ports: walls.ports(), mounts: await walls.mounts() }),
})
