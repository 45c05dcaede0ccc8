import type { Beat, Loss } from '../../apps/databases/cluster.ts'
import { sayLoss } from '../../apps/databases/gone.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count } from '../../kernel/words.ts'
import type { FolderPlace } from '../places/place.ts'
import { isOverdue } from './due.ts'
import { sayMissing } from './missing.ts'
import type { MissingPart } from './point.ts'

export interface PlaceFacts {
  name: string
  /** When the last good backup at this place ended. */
  lastGood: number | null
  /** Why the last backup at this place failed. */
  lastReason: string | null
  /** How many tries at this place failed in a row. */
  failed: number
  /** Parts of single apps that the last good backup lacks. */
  missing: readonly MissingPart[]
  /** A WAL segment is missing after the newest backup. */
  gap: boolean
  /** The newest backup that cannot be restored, because a part of it is gone; null: none, or a full one came after it. */
  lost: { label: string; why: string } | null
  /** The last verification of every stored byte found something wrong. */
  damaged: boolean
  /** The place is on the same disk as the database. */
  sameDisk: boolean
}

/** What is known of the backups of one app. */
export interface BackupFacts {
  app: string
  /** Whether a deploy of it went well. One that failed leaves a cluster with nothing in it, whose places nobody has made ready. */
  deployed: boolean
  now: number
  /** false: nothing is backed up, so that nothing of it can be wrong but that the files are gone. */
  on: boolean
  /** When the cluster was created; null: there is none. */
  since: number | null
  /** The last heartbeat that was written, however long ago; null: none yet. */
  beat: Beat | null
  /** Why the newest heartbeat could not be written; null: it was. */
  beatFailure: string | null
  places: readonly PlaceFacts[]
  /** The second place that each commit waits for (`rpo: 0`); null: the app does not ask for it. */
  receive: FolderPlace | null
  /** Why streaming to the second place fails; null: it does not. */
  streamFailure: string | null
  /** The files of the cluster are not where they belong; null: they are. */
  loss: Loss | null
}

/** Archiving this far behind raises an alarm: a minute's WAL on its way is normal. */
const LAG_MS = 5 * 60_000
const HEARTBEAT_LATE_MS = 30_000
/** Age until which a cluster counts as new. */
const NEW_MS = 5 * 60_000
/** How long a new cluster may take until it answers, streams and archives its first segment: PostgreSQL waits a minute after three failures. */
const FIRST_MS = 75_000
/** Starts, swaps and single failures are over before. */
const SETTLED_MS = 30_000
/** Two data folders change places by rename, and an app that is removed loses its files first. */
const EXCHANGED_MS = 10_000
const KIT_AFTER_MS = 24 * 3_600_000

/** What is wrong with the backups of an app. Empty while there is nothing to back up. */
export function alarms(facts: BackupFacts): Alarm[] {
  if (!facts.deployed) return []
  if (facts.loss !== null) {
    const { what, fix } = sayLoss(facts.app, facts.loss)
    return [late('database.gone', what, fix)]
  }
  if (facts.since === null || !facts.on) return []
  return [
    ...facts.places.flatMap(place => ofPlace(place, facts)),
    ...ofParts(facts),
    ...ofArchive(facts),
    ...ofStream(facts),
  ]
}

/** How long, in milliseconds, what an alarm says has to last before it is told: a cluster that is being made, started or exchanged is not broken. */
export function patience(code: string, { since, now, beat }: BackupFacts): number {
  const settled = since !== null && now - since < NEW_MS ? FIRST_MS : SETTLED_MS
  switch (code) {
    case 'database.gone':
      return EXCHANGED_MS
    case 'backup.heartbeat':
      return beat === null ? settled : 0
    case 'backup.archive-lag':
      return beat?.archivedAt == null ? settled : SETTLED_MS
    case 'backup.archiving-off':
    case 'backup.stream':
      return settled
    default:
      return 0
  }
}

/** Remembers since when what an alarm says is so, and lets those through that have lasted. */
export function createLasting() {
  let since = new Map<string, number>()
  return (facts: BackupFacts): Alarm[] => {
    const found = alarms(facts)
    since = new Map(found.map(({ code }) => [code, since.get(code) ?? facts.now]))
    return found.filter(({ code }) => facts.now - since.get(code)! >= patience(code, facts))
  }
}

function ofPlace(place: PlaceFacts, { app, since, now }: BackupFacts): Alarm[] {
  const age =
    place.lastGood === null ? 'there is none' : `the last is ${showDuration(now - place.lastGood)} old`
  const why = place.lastReason === null ? '' : `; the last try: ${place.lastReason}`
  return [
    ...(isOverdue(place.lastGood, since!, now)
      ? [
          late(
            'backup.overdue',
            `no good backup of ${app} at ${place.name} in 26 h: ${age}${why}`,
            `\`inn backup now ${app}\``,
          ),
        ]
      : place.lost === null
        ? failingAlarm({ owner: app, of: app }, place)
        : []),
    ...(place.gap
      ? [
          late(
            'backup.gap',
            `write-ahead log of ${app} is missing at ${place.name}: no moment after the gap can be restored until a new full backup is there`,
            `it is taken by itself; \`inn backup now ${app}\` takes it at once`,
          ),
        ]
      : []),
    ...(place.lost !== null
      ? [
          late(
            'backup.lost',
            `the backup ${place.lost.label} of ${app} at ${place.name} cannot be restored: ${place.lost.why}`,
            `a new full one is taken by itself; \`inn backup now ${app} --full\` takes it at once`,
          ),
        ]
      : []),
    ...(place.damaged
      ? [
          late(
            'backup.damaged',
            `something of ${app} stored at ${place.name} is damaged`,
            `\`inn backup verify ${app}\` says what; \`inn backup now ${app} --full\`, then verify again; if it happens again, do not trust this place`,
          ),
        ]
      : []),
    ...(place.sameDisk
      ? [
          soon(
            'backup.same-disk',
            `${place.name} is on the same disk as the database: if that disk fails, both are lost`,
            'backups: where: in innkeeper.yaml names another disk, or a bucket',
          ),
        ]
      : []),
  ]
}

/** One failed try may have given way or met a busy minute, and is made again; two in a row have a cause that stays. */
const FAILED = 2

/** An alarm before a good backup is overdue. `owner`: an app, or the keeper; `of`: the same in words. */
export const failingAlarm = (
  { owner, of }: { owner: string; of: string },
  { name, failed, lastReason }: Pick<PlaceFacts, 'name' | 'failed' | 'lastReason'>,
): Alarm[] =>
  failed < FAILED
    ? []
    : [
        soon(
          'backup.failing',
          `the last ${failed} tries to back up ${of} at ${name} failed: ${lastReason ?? 'they have no reason'}`,
          `mend it, then: \`inn backup now ${owner}\``,
        ),
      ]

/** One alarm for each missing part. */
function ofParts({ app, places }: BackupFacts): Alarm[] {
  const said = places.flatMap(place => place.missing.map(sayMissing))
  return [...new Set(said)].map(what =>
    late('backup.part', `of the last backup of ${app}, ${what}`, `mend it, then: \`inn backup now ${app}\``),
  )
}

function ofArchive({ app, beat, beatFailure, now }: BackupFacts): Alarm[] {
  if (beat === null || beatFailure !== null) {
    const quiet = beat === null || now - beat.at > HEARTBEAT_LATE_MS
    return quiet && beatFailure !== null
      ? [
          late(
            'backup.heartbeat',
            `the PostgreSQL of ${app} cannot be written to: ${beatFailure}`,
            `\`inn logs ${app} --service postgres\``,
          ),
        ]
      : []
  }
  if (!beat.archiving)
    return [
      late(
        'backup.archiving-off',
        `the PostgreSQL of ${app} runs without archiving its write-ahead log`,
        '`inn down` and `inn up` start it with archiving',
      ),
    ]
  const behind = beat.archivedAt === null ? 0 : now - beat.archivedAt
  if (beat.failingSince === null && behind <= LAG_MS) return []
  const waiting = beat.waiting > 0 ? `; ${count(beat.waiting, 'segment')} of 16 MB wait` : ''
  return [
    late(
      'backup.archive-lag',
      `the write-ahead log of ${app} is not archived${beat.archivedAt === null ? '' : `: the last segment went ${showDuration(behind)} ago`}${waiting}`,
      `\`inn logs ${app} --service postgres\` says what the archiving answers; check that the places of backups: can be reached`,
    ),
  ]
}

/** An app does not notice when its commits no longer wait for the second place, so an alarm says it. */
function ofStream({ app, receive, streamFailure, beat, beatFailure }: BackupFacts): Alarm[] {
  if (beat === null || beatFailure !== null) return []
  const why = streamFailure === null ? '' : `: ${streamFailure}`
  const fix = `\`inn logs ${app} --service postgres-receiver\`; to go on without it: take rpo: 0 out of innkeeper.yaml and deploy`
  if (beat.synchronous && !beat.receiving)
    return [
      late(
        'backup.stream',
        `no commit of ${app} is done until ${receive?.name ?? 'the stream'} has it${why}`,
        fix,
      ),
    ]
  if (receive === null || beat.synchronous) return []
  return [
    late(
      'backup.stream',
      `commits of ${app} wait for their own disk alone, and not for ${receive.name}${why}`,
      fix,
    ),
  ]
}

/** `since`: when the first database was made. */
export function kitAlarm({ kitKept, since, now }: { kitKept: boolean; since: number; now: number }): Alarm[] {
  if (kitKept || now - since < KIT_AFTER_MS) return []
  return [
    soon(
      'backup.kit',
      'nobody has confirmed that the current recovery kit is kept elsewhere: if this server is lost, so are the keys of its backups',
      '`inn recovery kit`, keep it elsewhere, then: `inn recovery kept`',
    ),
  ]
}

const late = (code: string, what: string, fix: string): Alarm => ({ code, level: 'late', what, fix })
const soon = (code: string, what: string, fix: string): Alarm => ({ code, level: 'soon', what, fix })
