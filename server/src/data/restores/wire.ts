import { z } from 'zod'

const asked = { plan: z.boolean().default(false) }

/** One of `to`, `backup` and `point` says which moment. */
export const MomentRequest = z.object({
  ...asked,
  /** `2026-11-20 10:00`, with an offset or in `zone`; `10:00`, `yesterday 14:30`, `30m ago`, `now`. */
  to: z.string().max(64).optional(),
  /** Label of a backup of the cluster: to its end. */
  backup: z.string().max(64).optional(),
  /** Name of a restore point: database, files and Redis. */
  point: z.string().max(63).optional(),
  /** IANA time zone of whoever asks. */
  zone: z.string().max(64).default('UTC'),
})

export const RestoreRequest = MomentRequest.extend({
  /** Run the release step on the restored data. */
  migrate: z.boolean().default(false),
})

/** Single tables, of the database alone. At most one of `merge`, `copy` and `csv`; none: they are only compared. */
export const TableRequest = MomentRequest.extend({
  /** `guest`, or `billing.guest`. */
  tables: z.array(z.string().min(1).max(127)).min(1).max(100),
  /** Put rows back that are missing. */
  merge: z.boolean().default(false),
  /** Make a table of this name of the rows as they were. */
  copy: z.string().min(1).max(63).optional(),
  /** Keep the rows as they were as CSV, to be fetched within a day. */
  csv: z.boolean().default(false),
})

/** Values as text, long ones cut; null is null. */
const Values = z.record(z.string(), z.string().nullable())

export const TableDifference = z.object({
  table: z.string(),
  /** Rows at the moment, and now; null: the table is not there any more. */
  there: z.number(),
  here: z.number().nullable(),
  /** Columns that tell rows apart; null: none do. */
  key: z.array(z.string()).nullable(),
  alike: z.boolean(),
  /** Rows; null where they cannot be told apart. */
  differ: z.object({ onlyThere: z.number(), onlyHere: z.number(), changed: z.number() }).nullable(),
  /** Columns that only one side has. */
  columns: z.object({ onlyThere: z.array(z.string()), onlyHere: z.array(z.string()) }),
  /** A few of each kind. */
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

/** How tables of an app differ from what they were at a moment. */
export const TableComparison = z.object({
  run: z.string(),
  app: z.string(),
  at: z.iso.datetime(),
  moment: z.string(),
  tables: z.array(TableDifference),
})
export type TableComparison = z.infer<typeof TableComparison>

/** A restore whose data from before is kept until somebody discards it. */
export const KeptRestore = z.object({
  app: z.string(),
  /** When it took place. */
  at: z.iso.datetime(),
  /** What it returned to. */
  moment: z.string(),
  /** The database that holds what was there before. */
  aside: z.string(),
})
export type KeptRestore = z.infer<typeof KeptRestore>
