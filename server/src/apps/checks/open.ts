import type { RunRow } from '../../engine/journal.ts'
import type { Clock } from '../../kernel/clock.ts'
import { list } from '../../kernel/words.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Rotation } from '../../reach/edge/edge.ts'
import { alarmsOf, certain, type Down, downNow } from './down.ts'
import { keepRotation } from './rotation.ts'
import { trafficRoutes } from './routes.ts'
import { SLOT_SECONDS, type TrafficHistory } from './traffic.ts'
import { BEAT_MS, type Watcher } from './watcher.ts'

export interface Needs {
  watcher: Watcher
  traffic: TrafficHistory
  edge: Rotation
  clock: Clock
  log(level: string, msg: string): void
  runs(app: string, limit: number): RunRow[]
  /** Something is wrong that was not, or the other way round: whoever tells it need not wait. */
  alarmed(): void
}

export function open({ watcher, traffic, edge, clock, log, runs, alarmed }: Needs): OpenPart {
  const down = keepDown({ watcher, clock, alarmed })
  const rotate = keepRotation({
    watcher,
    edge,
    clock,
    say: (app, peers) =>
      log(
        'warn',
        peers.length === 0 ? `${app}: all instances are asked` : `${app}: left out are ${list(peers)}`,
      ),
  })
  return {
    timers: [
      { name: 'watch', everyMs: 1_000, work: () => watcher.tick() },
      {
        name: 'health',
        everyMs: BEAT_MS,
        async work() {
          // Not waited for: one instance that is slow to answer must not delay the judgement of the others.
          void watcher.beat()
          down.look()
          await rotate()
        },
      },
      { name: 'traffic', everyMs: SLOT_SECONDS * 1_000, aligned: true, work: () => traffic.tick() },
    ],
    alarms: async () => alarmsOf(down.certain()),
    routes: app => trafficRoutes(app, { traffic, runs }),
  }
}

/** Remembers which services do not work, and says when that changes for certain. */
function keepDown({ watcher, clock, alarmed }: Pick<Needs, 'watcher' | 'clock' | 'alarmed'>) {
  let down = new Map<string, Down>()
  let told = ''
  const now = () => certain(down, clock.now())
  return {
    certain: now,
    look(): void {
      down = downNow(down, watcher.watched(), clock.now())
      const names = now()
        .map(({ app, service, why }) => `${app}/${service} ${why}`)
        .join()
      if (names !== told) alarmed()
      told = names
    },
  }
}
