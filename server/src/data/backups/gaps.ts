import type { Place } from '../places/place.ts'
import { dropReceived } from '../streaming/receive.ts'
import { walGaps } from './due.ts'
import { lostSinceFull } from './lost.ts'
import { noteLost, seenAt } from './note-lost.ts'
import type { BackupPorts } from './ports.ts'
import type { Pulse } from './pulse.ts'

/** How often a place is looked at: a folder costs nothing but its reading, a bucket is asked over the network. */
const EVERY_MS = { folder: 40_000, s3: 5 * 60_000 }

type Ports = Pick<BackupPorts, 'app' | 'clock' | 'policy' | 'physical' | 'files' | 'points'>

/** What is gone at a place: write-ahead log after the newest backup, or a part of a backup. */
interface Gone {
  gap: boolean
  /** The newest backup that cannot be restored; null: none, or a full one came after it. */
  lost: { label: string; why: string } | null
}

const NOTHING: Gone = { gap: false, lost: null }

/** Watches for places that lack WAL segments or parts of backups. */
export function createGapWatch(ports: Ports, pulse: Pick<Pulse, 'last'>) {
  const gone = new Map<string, Gone>()
  const looked = new Map<string, number>()
  const at = (place: string): Gone => gone.get(place) ?? NOTHING
  const needsFull = (place: string): boolean => at(place).gap || at(place).lost !== null
  return {
    /** Whether only a new full backup makes later moments restorable. */
    needsFull,
    has: (place: string): boolean => at(place).gap,
    lost: (place: string): Gone['lost'] => at(place).lost,
    /** Looks at the places whose time it is; called by a timer. */
    async look(): Promise<void> {
      // Only a heartbeat says which segment PostgreSQL believes to be archived.
      const beat = pulse.last()
      if (beat === null) return
      for (const place of (await ports.policy()).places) {
        const age = ports.clock.now() - (looked.get(place.name) ?? 0)
        // What is gone is looked at each time, because a new backup ends it.
        if (age < EVERY_MS[place.kind] && !needsFull(place.name)) continue
        looked.set(place.name, ports.clock.now())
        // A place that cannot be read keeps its last state here; its failing backups raise the alarm.
        gone.set(
          place.name,
          await goneAt(ports, place, beat.archivedSegment ?? '').catch(() => at(place.name)),
        )
      }
    },
  }
}

async function goneAt(ports: Ports, place: Place, acknowledged: string): Promise<Gone> {
  const { backups, segments, lost } = await seenAt(ports, place)
  const newest = backups.at(-1)
  if (newest === undefined) return NOTHING
  // A failure to remove streamed files must not hide a gap.
  if (place.kind === 'folder') await dropReceived(ports, place, segments).catch(() => {})
  // Looked at twice: a disk that goes away in the middle of a look seems empty, and points are given up for good.
  if (lost.size > 0) await noteLost(ports, place, (await seenAt(ports, place)).lost)
  // When a place is away too long, pgBackRest drops segments and still reports them as archived.
  const dropped = /^[0-9A-F]{24}$/.test(acknowledged) && !segments.includes(acknowledged)
  return {
    gap: dropped || walGaps(segments, newest.firstSegment).length > 0,
    lost: lostSinceFull(backups, lost),
  }
}
