import { z } from 'zod'
import { cron } from './backups.ts'
import { duration } from './fields.ts'

const NAME = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a name has small letters, digits and -, begins with a letter, and is 40 long at most',
  )

const DAY = 86_400_000
/** A bound, so that one file cannot keep the keeper busy. */
const MOST = 50

/** Of the masks, those whose values show that a row was anonymised already. What each makes stands in apps/masks/rule-kinds.ts. */
const BLANKS = ['null', 'empty', 'text', 'date', 'email'] as const
export type Blank = (typeof BLANKS)[number]

const PART = '(?:"(?:[^"]|"")+"|[^".]+)'
const column = z.string().regex(/^[^\p{Cc}]{1,63}$/u, 'the name of a column, as it is in the database')

const anonymise = z
  .record(
    column,
    // In YAML, null without quotes is no text.
    z.union([z.enum(BLANKS), z.null()]).transform((kind): Blank => kind ?? 'null'),
  )
  .refine(all => Object.keys(all).length > 0, 'name the columns: { email: email, note: empty }')

const rule = z
  .strictObject({
    table: z
      .string()
      .regex(new RegExp(`^${PART}(?:\\.${PART})?$`), 'a table is written as name or as schema.name')
      .describe('Whose rows it is about'),
    olderThan: duration.optional().describe('A row is due when the time in `by` is so long ago'),
    by: column
      .default('created_at')
      .describe('The column of that time; a row without one is not due. For soft deletion: deleted_at'),
    where: z
      .string()
      .min(1)
      .max(2_000)
      .optional()
      .describe('A condition in SQL that a row fulfils, too; it is only ever read with'),
    do: z
      .union([
        z.enum(['archive', 'delete']),
        z.strictObject({
          anonymise: anonymise.describe('column → null, empty, text, date or email: what its values become'),
        }),
      ])
      .describe(
        'archive: kept with the backups, then deleted; delete; anonymise: columns and what they become',
      ),
    keep: duration
      .refine(ms => ms >= DAY, 'an archive is kept for 1d at least')
      .optional()
      .describe('Of `archive`: after so long an archive is removed; default: never'),
    schedule: cron
      .default('15 3 * * *')
      .describe('When, as cron says it, in the time zone of the server; it runs when a row is due'),
    batch: z
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(1_000)
      .describe('Most rows that one transaction changes'),
  })
  .superRefine(({ olderThan, where, do: does, keep }, context) => {
    if (olderThan === undefined && where === undefined)
      context.addIssue({ code: 'custom', message: 'says nothing of which rows: add olderThan or where' })
    if (keep !== undefined && does !== 'archive')
      context.addIssue({ code: 'custom', path: ['keep'], message: 'is for an archive: add do: archive' })
  })
export type RetentionRule = z.output<typeof rule>

/** `retention:` of innkeeper.yaml. */
export const retention = z
  .record(NAME, rule)
  .refine(all => Object.keys(all).length <= MOST, `an app has ${MOST} rules at most`)
