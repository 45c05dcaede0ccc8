import { z } from 'zod'
import { Alarm } from '../../kernel/wire-alarm.ts'

const time = z.iso.datetime()

/** A copy of the files of an app's cluster at one place. */
export const PhysicalBackup = z.object({
  label: z.string(),
  kind: z.enum(['full', 'diff', 'incr']),
  prior: z.string().nullable(),
  startedAt: time,
  endedAt: time,
  /** Size of the database. */
  bytes: z.number(),
  /** Bytes that this backup added to the place. */
  storedBytes: z.number(),
  /** Pages failed their checksum while it was taken. */
  error: z.boolean(),
})

const span = { from: time, to: time }

/** What one app has at one of its places. */
export const BackupPlace = z.object({
  /** The app; `keeper`: the keeper's own state. */
  app: z.string(),
  name: z.string(),
  kind: z.enum(['folder', 's3']),
  /** Path, or address of the bucket with its folder. */
  address: z.string(),
  /** Why the place could not be read; null: it could. */
  problem: z.string().nullable(),
  /** When the place was asked for what is shown here; null: it has not told yet. */
  seenAt: time.nullable(),
  /** Whether it is being asked anew. */
  asking: z.boolean(),
  /** When backups are due: a cron pattern. */
  schedule: z.string(),
  lastGood: time.nullable(),
  /** Any moment of the database between these can be restored, but none of the times in `lost`; null: none at all. */
  window: z.object({ ...span, lost: z.array(z.object(span)) }).nullable(),
  backups: z.array(PhysicalBackup),
  snapshots: z.number().int(),
  /** Bytes that all backups of its cluster take at the place. */
  storedBytes: z.number(),
})
export type BackupPlace = z.infer<typeof BackupPlace>

export const PointState = z.enum(['taking', 'good', 'failed', 'marked'])

export const RestorePoint = z.object({
  name: z.string(),
  kind: z.enum(['schedule', 'person', 'deploy']),
  /** null: the keeper's own state. */
  app: z.string().nullable(),
  at: time,
  endedAt: time.nullable(),
  /** `marked`: only named in the write-ahead log before a release step; nothing was copied. */
  state: PointState,
  /** Why it failed, or what is not in it. */
  reason: z.string().nullable(),
  /** App → the release that served then. */
  releases: z.record(z.string(), z.string()),
  parts: z.array(
    z.object({
      of: z.string().meta({ examples: ['cluster', 'shop/files', 'keeper/state'] }),
      place: z.string(),
      id: z.string(),
      /** Bytes of the content; null for the cluster, whose size is in `backups`. */
      bytes: z.number().nullable(),
    }),
  ),
  /** Parts of single apps, or whole places (`place`), that could not be kept. */
  missing: z.array(z.object({ of: z.string(), place: z.string().nullable(), why: z.string() })),
  /** Database → how many tables were counted. `exact`: nothing was written meanwhile. */
  counted: z.record(z.string(), z.object({ tables: z.number().int(), exact: z.boolean() })),
})
export type RestorePoint = z.infer<typeof RestorePoint>

export const Backups = z.object({
  places: z.array(BackupPlace),
  /** Newest first. */
  points: z.array(RestorePoint),
  alarms: z.array(Alarm),
})
export type Backups = z.infer<typeof Backups>

const asked = { plan: z.boolean().default(false) }

/** The app; null: the keeper's own state alone. */
const owner = z.string().max(64).nullable()

export const BackupsQuery = z.object({
  /** Only this app's. */
  app: z.string().optional(),
  /** Places are shown as they were when they were last asked, and are asked again beside: `seenAt` says how old it is. */
  soon: z.stringbool().default(false),
})

export const BackupRequest = z.object({
  ...asked,
  app: owner,
  /** Make a full backup, whatever kind is due. */
  full: z.boolean().default(false),
  /** Name of the only place to back up to; default: all places. */
  place: z.string().optional(),
})

/** Asks to read every stored byte of an app at one place, or at all of them. */
export const VerifyRequest = z.object({ ...asked, app: owner, place: z.string().optional() })
