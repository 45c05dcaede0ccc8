import type { Place } from '../places/place.ts'
import { dropReceived } from '../streaming/receive.ts'
import { walGaps } from './due.ts'
import type { BackupPorts } from './ports.ts'
import type { Pulse } from './pulse.ts'

const EVERY_MS = 5 * 60_000

type Ports = Pick<BackupPorts, 'clock' | 'policy' | 'physical' | 'files'>

/** Places whose write-ahead log is missing a segment after the newest backup. */
export function createGapWatch(ports: Ports, pulse: Pick<Pulse, 'last'>) {
  const gaps = new Set<string>()
  let at = 0
  return {
    has: (place: string): boolean => gaps.has(place),
    /** Looks when it is time; called by a timer. */
    async look(): Promise<void> {
      // Before the first heartbeat it is not known what PostgreSQL believes to be archived.
      const beat = pulse.last()
      if (beat === null) return
      // A known gap is looked at each time: it is over as soon as the new backup is there.
      if (gaps.size === 0 && ports.clock.now() - at < EVERY_MS) return
      at = ports.clock.now()
      for (const place of (await ports.policy()).places) {
        // What is told of a place that cannot be read is told by its backups.
        const gap = await hasGap(ports, place, beat.archivedSegment ?? '').catch(() => gaps.has(place.name))
        if (gap) gaps.add(place.name)
        else gaps.delete(place.name)
      }
    },
  }
}

/** `acknowledged`: the last segment that PostgreSQL believes to be archived. */
async function hasGap(ports: Ports, place: Place, acknowledged: string): Promise<boolean> {
  const newest = (await ports.physical.list(place)).at(-1)
  if (newest === undefined) return false
  const { segments } = await ports.physical.archive(place)
  // What cannot be removed says nothing of gaps.
  if (place.kind === 'folder') await dropReceived(ports, place, segments).catch(() => {})
  // What was dropped because the place was away too long is acknowledged all the same.
  const dropped = /^[0-9A-F]{24}$/.test(acknowledged) && !segments.includes(acknowledged)
  return dropped || walGaps(segments, newest.firstSegment).length > 0
}
