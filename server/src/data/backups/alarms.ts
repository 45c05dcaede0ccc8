import type { Beat } from '../../apps/databases/cluster.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count, list } from '../../kernel/words.ts'
import type { Receive } from '../places/policy.ts'
import { isOverdue } from './due.ts'
import { sayMissing } from './missing.ts'
import type { MissingPart } from './point.ts'

export interface PlaceFacts {
  name: string
  /** When the last backup ended well there. */
  lastGood: number | null
  /** Why the last one did not. */
  lastReason: string | null
  /** What the last good backup there lacks of single apps. */
  missing: readonly MissingPart[]
  /** Write-ahead log is missing after the newest backup. */
  gap: boolean
  /** When every byte was read last, something was wrong. */
  damaged: boolean
  /** It lies on the disk that the database is on. */
  sameDisk: boolean
}

export interface BackupFacts {
  now: number
  /** When the cluster was made; null: there is none. */
  since: number | null
  /** The last heartbeat that was written, however long ago. */
  beat: Beat | null
  /** Why the last one could not be. */
  beatFailure: string | null
  places: readonly PlaceFacts[]
  /** Where each commit goes at once. */
  receive: Receive | null
  /** Why that does not work. */
  streamFailure: string | null
  /** There was a cluster, and its files are not there. */
  gone: boolean
  /** A person said that the recovery kit is kept elsewhere, and it is still the right one. */
  kitKept: boolean
}

/** Two heartbeats may be late; the log of a minute may be on its way. */
const LAG_MS = 5 * 60_000
const HEARTBEAT_LATE_MS = 30_000
const KIT_AFTER_MS = 24 * 3_600_000

/** What is wrong with the backups of a server, the worst first; none while there is nothing to keep. */
export function alarms(facts: BackupFacts): Alarm[] {
  if (facts.gone)
    return [
      late(
        'database.gone',
        'the files of PostgreSQL are gone: nothing of it is kept any more',
        'inn recovery database restores it to the last archived moment',
      ),
    ]
  if (facts.since === null) return []
  const all = [
    ...facts.places.flatMap(place => ofPlace(place, facts)),
    ...ofParts(facts),
    ...ofArchive(facts),
    ...ofStream(facts),
    ...ofKit(facts),
  ]
  return all.sort((a, b) => a.level.localeCompare(b.level))
}

function ofPlace(place: PlaceFacts, { since, now }: BackupFacts): Alarm[] {
  const age =
    place.lastGood === null ? 'there is none' : `the last is ${showDuration(now - place.lastGood)} old`
  const why = place.lastReason === null ? '' : `; the last try: ${place.lastReason}`
  return [
    ...(isOverdue(place.lastGood, since!, now)
      ? [late('backup.overdue', `no good backup at ${place.name} in 26 h: ${age}${why}`, 'inn backup now')]
      : []),
    ...(place.gap
      ? [
          late(
            'backup.gap',
            `write-ahead log is missing at ${place.name}: no moment after the gap can be restored until a new full backup is there`,
            'it is taken by itself; inn backup now takes it at once',
          ),
        ]
      : []),
    ...(place.damaged
      ? [
          late(
            'backup.damaged',
            `not all at ${place.name} is as it was written: inn backup verify says what`,
            'inn backup now --full, then inn backup verify; if it happens again, do not trust this place',
          ),
        ]
      : []),
    ...(place.sameDisk
      ? [
          soon(
            'backup.same-disk',
            `${place.name} is on the same disk as the database: when the disk goes, both go`,
            'backups: where: in innkeeper.yaml names another disk, or a bucket',
          ),
        ]
      : []),
  ]
}

/** Each app's own: what one lacks does not hide that all is well with the others. */
function ofParts({ places }: BackupFacts): Alarm[] {
  const said = places.flatMap(place => place.missing.map(sayMissing))
  return [...new Set(said)].map(what =>
    late('backup.part', `of the last backup, ${what}`, 'mend it, then: inn backup now'),
  )
}

function ofArchive({ beat, beatFailure, now }: BackupFacts): Alarm[] {
  if (beat === null || beatFailure !== null) {
    const quiet = beat === null || now - beat.at > HEARTBEAT_LATE_MS
    return quiet && beatFailure !== null
      ? [late('backup.heartbeat', `PostgreSQL cannot be written to: ${beatFailure}`, 'inn logs postgres')]
      : []
  }
  if (!beat.archiving)
    return [
      late(
        'backup.archiving-off',
        'PostgreSQL runs without archiving its write-ahead log',
        'inn down and inn up start it with archiving',
      ),
    ]
  const behind = beat.archivedAt === null ? 0 : now - beat.archivedAt
  if (beat.failingSince === null && behind <= LAG_MS) return []
  const waiting = beat.waiting > 0 ? `; ${count(beat.waiting, 'segment')} of 16 MB wait` : ''
  return [
    late(
      'backup.archive-lag',
      `the write-ahead log is not archived${beat.archivedAt === null ? '' : `: the last segment went ${showDuration(behind)} ago`}${waiting}`,
      'inn logs postgres says what the archiving answers; check that the places of backups: can be reached',
    ),
  ]
}

/** An app does not notice when its commits no longer wait for the second place, so an alarm says it. */
function ofStream({ receive, streamFailure, beat, beatFailure }: BackupFacts): Alarm[] {
  if (beat === null || beatFailure !== null) return []
  const why = streamFailure === null ? '' : `: ${streamFailure}`
  const fix = 'inn logs postgres-receiver; to go on without it: take rpo: 0 out of innkeeper.yaml and deploy'
  if (beat.synchronous && !beat.receiving)
    return [
      late(
        'backup.stream',
        `no commit is done until ${receive?.place.name ?? 'the stream'} has it${why}`,
        fix,
      ),
    ]
  if (receive === null || beat.synchronous) return []
  return [
    late(
      'backup.stream',
      `commits of ${list(receive.apps)} wait for their own disk alone, and not for ${receive.place.name}${why}`,
      fix,
    ),
  ]
}

function ofKit({ kitKept, since, now }: BackupFacts): Alarm[] {
  if (kitKept || now - since! < KIT_AFTER_MS) return []
  return [
    soon(
      'backup.kit',
      'nobody said that the recovery kit of today is kept: when this server is gone, so are the keys of its backups',
      'inn recovery kit, keep it elsewhere, then: inn recovery kept',
    ),
  ]
}

const late = (code: string, what: string, fix: string): Alarm => ({ code, level: 'late', what, fix })
const soon = (code: string, what: string, fix: string): Alarm => ({ code, level: 'soon', what, fix })
