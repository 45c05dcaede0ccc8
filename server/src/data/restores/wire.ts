import { z } from 'zod'

const asked = { plan: z.boolean().default(false) }

/** Which moment: exactly one of `to`, `backup` and `point`. */
export const MomentRequest = z.object({
  ...asked,
  /** `2026-11-20 10:00`, with an offset or in `zone`; `10:00`, `yesterday 14:30`, `30m ago`, `now`. */
  to: z.string().max(64).optional(),
  /** Label of a backup of the cluster: the moment when it ended. */
  backup: z.string().max(64).optional(),
  /** Name of a restore point: database, files and Redis. */
  point: z.string().max(63).optional(),
  /** IANA time zone of the person who asks. */
  zone: z.string().max(64).default('UTC'),
})

export const RestoreRequest = MomentRequest.extend({
  /** Whether to run the release step on the restored data. */
  migrate: z.boolean().default(false),
  /** What comes back; without it, all that is kept of that moment. */
  parts: z
    .array(z.enum(['database', 'files', 'redis']))
    .max(3)
    .optional(),
})

/** Restores single tables of the database. At most one of `merge`, `copy` and `csv`; without one, they are only compared. */
export const TableRequest = MomentRequest.extend({
  /** `guest`, or `billing.guest`. */
  tables: z.array(z.string().min(1).max(127)).min(1).max(100),
  /** Insert the rows that are missing now. */
  merge: z.boolean().default(false),
  /** Name of a new table for the rows as they were. */
  copy: z.string().min(1).max(63).optional(),
  /** Write the rows as they were into a CSV file, which can be fetched for a day. */
  csv: z.boolean().default(false),
})

/** Column → its value as text, cut when it is long; null: SQL null. */
const Values = z.record(z.string(), z.string().nullable())

export const TableDifference = z.object({
  table: z.string(),
  /** It was not named: its rows go with rows of this table, by `on delete cascade`. */
  goesWith: z.string().nullable().default(null),
  /** Number of rows at the moment (`there`) and now (`here`); null: the table does not exist any more. */
  there: z.number(),
  here: z.number().nullable(),
  /** Columns that identify a row; null: there are none. */
  key: z.array(z.string()).nullable(),
  alike: z.boolean(),
  /** Numbers of rows that differ; null: rows cannot be identified. */
  differ: z.object({ onlyThere: z.number(), onlyHere: z.number(), changed: z.number() }).nullable(),
  /** Columns that only one side has. */
  columns: z.object({ onlyThere: z.array(z.string()), onlyHere: z.array(z.string()) }),
  /** A few rows of each kind. */
  samples: z.object({
    onlyThere: z.array(Values),
    onlyHere: z.array(Values),
    changed: z.array(
      z.object({
        key: Values,
        columns: z.array(
          z.object({ name: z.string(), there: z.string().nullable(), here: z.string().nullable() }),
        ),
      }),
    ),
  }),
})
export type TableDifference = z.infer<typeof TableDifference>

/** How tables of an app differ from their state at a moment. */
export const TableComparison = z.object({
  run: z.string(),
  app: z.string(),
  at: z.iso.datetime(),
  moment: z.string(),
  tables: z.array(TableDifference),
})
export type TableComparison = z.infer<typeof TableComparison>

/** Data that a restore or a recovery put aside. It is kept until somebody discards it. */
export const PutAside = z.object({
  app: z.string(),
  of: z.enum(['restore', 'recovery']),
  /** When it was put aside. */
  at: z.iso.datetime(),
  /** The moment that the restore returned to, in words; null: it was a recovery. */
  moment: z.string().nullable(),
  /** Name of the data folder, or of the database with the earlier data. */
  aside: z.string(),
  /** null: it is on another server, or not there any more, or still being measured. */
  bytes: z.number().nullable(),
})
export type PutAside = z.infer<typeof PutAside>
