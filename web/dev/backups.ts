import type { z } from 'zod'
import type {
  BackupPlace,
  Backups,
  PhysicalBackup,
  RestorePoint,
} from '../../server/src/data/backups/wire.ts'
import type { Drill } from '../../server/src/data/drills/wire.ts'
import type { PutAside } from '../../server/src/data/restores/wire.ts'
import type { Alarm } from '../../server/src/kernel/wire-alarm.ts'
import { KEEPER } from '../src/points/owner.ts'
import { ago } from './ago.ts'

/** A month of made-up backups of two apps and the keeper: one place that is well, one that cannot be read, a drill each week. */

const HOUR = 3600
const DAY = 24 * HOUR
const MB = 1024 ** 2
const DAYS = 30

type Backup = z.infer<typeof PhysicalBackup>

export const alarms: Alarm[] = [
  {
    code: 'backup.overdue',
    level: 'late',
    what: 'no good backup of hostel at bucket in 26 h: the last is 2 d old; the last try: the bucket did not answer',
    fix: '`inn backup now hostel`',
  },
  {
    code: 'backup.kit',
    level: 'soon',
    what: 'nobody has confirmed that the current recovery kit is kept elsewhere: if this server is lost, so are the keys of its backups',
    fix: '`inn recovery kit`, keep it elsewhere, then: `inn recovery kept`',
  },
]

const stamp = (at: string): string => `${at.slice(0, 19).replaceAll(/[-:]/g, '')}Z`

const RELEASES: Readonly<Record<string, string>> = { hostel: 'r14', desk: 'r6' }

/** `app`: null is the keeper, whose points hold its state alone. */
export function point(
  app: string | null,
  secondsAgo: number,
  more: Partial<RestorePoint> = {},
): RestorePoint {
  const at = ago(secondsAgo)
  return {
    name: stamp(at),
    kind: 'schedule',
    app,
    at,
    endedAt: ago(secondsAgo - 40),
    state: 'good',
    reason: null,
    releases: app === null ? {} : { [app]: RELEASES[app]! },
    parts:
      app === null
        ? [{ of: 'keeper/state', place: 'local', id: '88b1f0aa', bytes: 3 * MB }]
        : [
            { of: 'cluster', place: 'local', id: `${stamp(at)}F`, bytes: null },
            { of: `${app}/files`, place: 'local', id: 'a61d0c2e', bytes: 412 * MB },
          ],
    missing: [],
    counted: app === null ? {} : { [app]: { tables: app === 'hostel' ? 14 : 9, exact: app === 'hostel' } },
    ...more,
  }
}

const before = (secondsAgo: number, release: string) =>
  point('hostel', secondsAgo, {
    kind: 'deploy',
    state: 'marked',
    name: `hostel-${release}`,
    parts: [],
    counted: {},
  })

export const points: RestorePoint[] = [
  ...['hostel', 'desk', null].flatMap((app, n) =>
    Array.from({ length: DAYS }, (_, day) => point(app, day * DAY + 5 * HOUR - n * 420)),
  ),
  before(9 * 60, 'r14'),
  before(20 * HOUR, 'r12'),
  before(12 * DAY, 'r8'),
  point('desk', 9 * DAY + 2 * HOUR, {
    kind: 'person',
    state: 'failed',
    reason: 'the disk was full: 0 B left of 80 GB',
    parts: [],
    counted: {},
  }),
].sort((a, b) => b.at.localeCompare(a.at))

function backup(day: number): Backup {
  const full = day % 7 === 2
  const bytes = (910 - day * 4) * MB
  const startedAt = ago(day * DAY + 5 * HOUR + 60)
  return {
    label: `${stamp(startedAt)}${full ? 'F' : 'D'}`,
    kind: full ? 'full' : 'diff',
    prior: full ? null : 'the full one before',
    startedAt,
    endedAt: ago(day * DAY + 5 * HOUR),
    bytes,
    storedBytes: full ? bytes * 0.23 : (6 + ((day * 5) % 7) * 4) * MB,
    error: false,
  }
}

/** Newest first. */
const backups = Array.from({ length: DAYS }, (_, day) => backup(day))

const local: BackupPlace = {
  app: 'hostel',
  schedule: '12 3 * * *',
  name: 'local',
  kind: 'folder',
  address: '/mnt/second-disk/innkeeper',
  problem: null,
  seenAt: ago(4),
  asking: false,
  lastGood: points.find(one => one.state === 'good')!.endedAt,
  window: { from: backups.at(-2)!.endedAt, to: ago(48), lost: [] },
  backups,
  snapshots: 62,
  storedBytes: backups.reduce((sum, one) => sum + one.storedBytes, 0),
}

/** As much as the files alone, which the keeper's state is too. */
const ofKeeper: BackupPlace = {
  ...local,
  app: KEEPER,
  schedule: '26 3 * * *',
  window: null,
  backups: [],
  storedBytes: 41 * MB,
}

const bucket: BackupPlace = {
  ...local,
  name: 'bucket',
  kind: 's3',
  address: 's3.example.com/fjord-backups/inn',
  problem: 'the bucket did not answer within 10 s: connect ETIMEDOUT 203.0.113.7:443',
  seenAt: ago(4),
  window: null,
  backups: [],
  snapshots: 0,
  storedBytes: 0,
}

export const report = (): Backups => ({
  places: [local, bucket, { ...local, app: 'desk', schedule: '19 3 * * *' }, ofKeeper],
  points,
  alarms,
})

const LEVELS = [
  ['everything that the restore point names is at the place', '9 parts, on 2 backups of the cluster'],
  ['stored bytes match their checksums, and no write-ahead log is missing', '2.1 GB and 812 segments read'],
  ['the copy starts and reaches its moment', 'fetched in 31 s, reached in 6.2 s'],
  ['pages, indexes, extensions, roles and sequences are sound', 'pg_amcheck finds nothing wrong'],
  [
    'the rows are those that were counted, and the last heartbeat is there',
    'the last heartbeat is 4.1 s older',
  ],
  ['the app starts on the copy and answers', 'api healthy after 1.9 s; 2 queries answer as expected'],
  ['all of it from the recovery kit alone', 'inn recover, on another machine, shows it'],
] as const

export function drill(app: string, secondsAgo: number, fails: number | null = null): Drill {
  const reached = (level: number) => level < 6 && (fails === null || level <= fails)
  const state = (level: number) =>
    level === fails ? ('failed' as const) : reached(level) ? ('proven' as const) : ('skipped' as const)
  const wave = Math.abs(Math.sin(secondsAgo / DAY))
  return {
    id: `${app}-${stamp(ago(secondsAgo))}`,
    app,
    point: point(app, secondsAgo + HOUR).name,
    place: 'local',
    state: fails === null ? 'proven' : 'failed',
    startedAt: ago(secondsAgo),
    endedAt: ago(secondsAgo - 70),
    abandoned: null,
    rtoMs: fails === null ? 34_000 + wave * 16_000 : null,
    rpoMs: fails === null ? 1_200 + wave * 3_400 : null,
    levels: LEVELS.map(([name, detail], level) => ({
      level,
      name,
      state: state(level),
      detail:
        level === fails
          ? 'guest has 18,204 rows; about 18,911 were counted'
          : reached(level) || level === 6
            ? detail
            : `not reached: L${fails} failed`,
      ms: reached(level) ? 400 + level * 1_900 : null,
    })),
    unproven: ['mails and payments were not tried: the copy has no way out'],
  }
}

/** Newest first. */
export const drills: Drill[] = [
  drill('hostel', 2 * DAY),
  drill('desk', 3 * DAY, 4),
  ...[9, 16, 23, 30].flatMap(day => [drill('hostel', day * DAY), drill('desk', (day + 1) * DAY)]),
]

export const kept: PutAside[] = [
  {
    app: 'desk',
    of: 'restore',
    at: ago(26 * HOUR),
    moment: '2026-11-20 10:00:05 +01:00',
    aside: 'desk_before_20261120_131244',
    bytes: 214 * 1024 ** 2,
  },
]
