import type { Place } from '../places/place.ts'
import { dropReceived } from '../streaming/receive.ts'
import { walGaps } from './due.ts'
import type { BackupPorts } from './ports.ts'
import type { Pulse } from './pulse.ts'

const EVERY_MS = 5 * 60_000

type Ports = Pick<BackupPorts, 'app' | 'clock' | 'policy' | 'physical' | 'files'>

/** Watches for places that lack a WAL segment after their newest backup. */
export function createGapWatch(ports: Ports, pulse: Pick<Pulse, 'last'>) {
  const gaps = new Set<string>()
  let at = 0
  return {
    has: (place: string): boolean => gaps.has(place),
    /** Looks for gaps when it is time; called by a timer. */
    async look(): Promise<void> {
      // Only a heartbeat says which segment PostgreSQL believes to be archived.
      const beat = pulse.last()
      if (beat === null) return
      // A known gap is looked at each time, because a new backup ends it.
      if (gaps.size === 0 && ports.clock.now() - at < EVERY_MS) return
      at = ports.clock.now()
      for (const place of (await ports.policy()).places) {
        // A place that cannot be read keeps its last state here; its failing backups raise the alarm.
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
  // A failure to remove streamed files must not hide a gap.
  if (place.kind === 'folder') await dropReceived(ports, place, segments).catch(() => {})
  // When a place is away too long, pgBackRest drops segments and still reports them as archived.
  const dropped = /^[0-9A-F]{24}$/.test(acknowledged) && !segments.includes(acknowledged)
  return dropped || walGaps(segments, newest.firstSegment).length > 0
}
