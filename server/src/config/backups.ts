import { posix } from 'node:path'
import { Cron } from 'croner'
import { z } from 'zod'
import { ownValue } from './fields.ts'

/** A cron pattern with five fields. croner will read it later, so croner checks it here. */
export const cron = z.string().superRefine((text, context) => {
  try {
    new Cron(text, { paused: true, mode: '5-part' })
  } catch (error) {
    context.addIssue({
      code: 'custom',
      message: `"${text}" is no schedule: five fields, minute hour day month weekday, e.g. "0 2 * * *" (${(error as Error).message})`,
    })
  }
})

/** A text that is written as one line into configurations of the backup tools, and as one word into their commands. */
const line = (what: string) =>
  z
    .string()
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, `${what} is one line without control characters`)
    .regex(/^(\S(.*\S)?)?$/, `${what} has no space at its ends`)

const bucket = z.strictObject({
  endpoint: z
    .string()
    .regex(
      /^https:\/\/([a-z0-9.-]+|\[[0-9a-f:]+\])(:\d{1,5})?$/i,
      'an endpoint is https://host or https://host:port',
    )
    .describe('Of the S3-compatible store, e.g. https://s3.eu-central-1.amazonaws.com'),
  region: z
    .string()
    .regex(/^[a-zA-Z0-9-]{1,64}$/, 'a region has letters, digits and -')
    .default('us-east-1')
    .describe('As the store names it'),
  bucket: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]{2,62}$/, 'a bucket has 3 to 63 letters, digits, ., _ and -')
    .describe('It must exist'),
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9._/-]*$/, 'a prefix has letters, digits, ., _, - and /')
    .refine(
      text => !text.split('/').some(part => part === '.' || part === '..'),
      'a prefix has no . or .. of its own',
    )
    .transform(text => text.replace(/^\/+|\/+$/g, ''))
    .default('')
    .describe('Folder in the bucket'),
  keyId: ownValue.describe('Access key'),
  secret: ownValue.describe('Secret key'),
  ca: line('a file')
    .startsWith('/')
    .optional()
    .describe('File with the certificate authority of the endpoint, where it is not a public one'),
})

const where = z.union([
  z.strictObject({
    folder: line('a folder')
      .startsWith('/', 'a folder is a whole path')
      // Refused here, because Node.js never stops trying to make a folder there.
      .refine(path => !/^\/(proc|sys|dev)(\/|$)/.test(posix.normalize(path)), 'the kernel keeps no backups')
      .describe('A disk or a mount'),
    rpo: z
      .literal(0)
      .optional()
      .describe(
        '0: each commit of this app waits until this folder has it; without, the last minute is at risk',
      ),
  }),
  z.strictObject({ s3: bucket.describe('A bucket of an S3-compatible store') }),
])

const keep = (what: string, n: number) =>
  z.number().int().min(1).max(1000).default(n).describe(`How many ${what} are kept`)

const drill = z.strictObject({
  schedule: cron
    .default('0 4 * * 0')
    .describe('When a restore is rehearsed, as cron says it, in the time zone of the server'),
  queries: z
    .array(
      z.strictObject({
        sql: z.string().min(1).describe('Run on the copy as the role of the app'),
        expect: z
          .union([z.string(), z.number(), z.boolean(), z.null()])
          .describe('The first value of its first row'),
      }),
    )
    .default([])
    .describe('Each a mapping of sql, run on the copy as the role of the app, and expect, its first value'),
})
export type DrillConfig = z.output<typeof drill>

const settings = z.strictObject({
  schedule: cron
    .optional()
    .describe(
      'When, as cron says it, in the time zone of the server; default: once a night, each app at its own time',
    ),
  where: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, 'a name has small letters, digits and -'), where)
    .optional()
    .describe('Places by names of your own, all of them used; default: a folder of the home'),
  keep: z
    .strictObject({
      daily: keep('days of which any moment can be restored', 30),
      weekly: keep('weeks', 12),
      monthly: keep('months', 12),
    })
    .prefault({})
    .describe('What is older is removed; never the last good one'),
  files: z.boolean().default(true).describe('The folders of persist: too'),
  redis: z.boolean().default(true).describe('The Redis that Innkeeper runs too'),
  dump: z.boolean().default(false).describe('A pg_dump besides; always made of a database with a url'),
  drill: z
    .union([z.literal(false), drill])
    .prefault({})
    .describe('A restore on a copy that nobody else sees; false: never'),
})
/** `on`: whether anything is backed up at all. */
export type BackupsConfig = z.output<typeof settings> & { on: boolean }

/** What `false` means. */
export const NO_BACKUPS = {
  where: {},
  files: false,
  redis: false,
  dump: false,
  drill: false,
  on: false,
} as const

/** backups: in innkeeper.yaml. */
export const backups = z.union([
  z.literal(false).transform((): BackupsConfig => ({ ...settings.parse({}), ...NO_BACKUPS })),
  settings.transform((said): BackupsConfig => ({ ...said, on: true })),
])

/** Places with `rpo: 0`, which commits wait for. */
export const synchronousPlaces = ({ where = {} }: BackupsConfig): Array<{ name: string; path: string }> =>
  Object.entries(where).flatMap(([name, place]) =>
    'folder' in place && place.rpo === 0 ? [{ name, path: place.folder }] : [],
  )

/** The place that each commit of the app waits for (`rpo: 0`); null: commits wait only for their own disk. */
export function synchronousFolder(config: {
  database?: { postgres?: true | undefined } | undefined
  backups: BackupsConfig
}): { name: string; path: string } | null {
  return config.database?.postgres === true ? (synchronousPlaces(config.backups)[0] ?? null) : null
}
