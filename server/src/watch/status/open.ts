import type { Clock } from '../../kernel/clock.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { SeenPart } from './parts.ts'
import { alarmsOf, certain, downNow, isAsked } from './parts-down.ts'
import { type StatusPorts, statusRoutes } from './routes.ts'
import { type Disk, diskAlarms } from './rule.ts'

const PARTS_MS = 1_000
/** All parts are asked at each tenth look. */
const ASKED_EACH = 10

export type Needs = StatusPorts & {
  /** The disks of the home, of what was measured, and of the places for backups. */
  disks(): Promise<Disk[]>
  /** The parts that all apps need. `asks`: whether one is asked for an answer. */
  parts(asks: (name: string) => boolean): Promise<SeenPart[]>
  /** Something is wrong that was not, or the other way round: whoever tells it need not wait. */
  alarmed(): void
}

export function open(needs: Needs): OpenPart {
  const down = keepDown(needs)
  return {
    timers: [{ name: 'parts', everyMs: PARTS_MS, work: down.look }],
    alarms: async () => [...diskAlarms(await needs.disks()), ...alarmsOf(down.certain())],
    routes: app => statusRoutes(app, needs),
  }
}

/** Remembers which parts do not answer, and says when that changes for certain. */
function keepDown({ clock, parts, alarmed }: { clock: Clock } & Pick<Needs, 'parts' | 'alarmed'>) {
  let down: ReadonlyMap<string, number> = new Map()
  let told = ''
  let looks = 0
  const now = () => certain(down, clock.now())
  return {
    certain: now,
    async look(): Promise<void> {
      const at = clock.now()
      const all = looks++ % ASKED_EACH === 0
      down = downNow(down, await parts(name => isAsked(name, all, down)), at)
      const names = now().join()
      if (names !== told) alarmed()
      told = names
    },
  }
}
