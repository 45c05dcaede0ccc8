import { z } from 'zod'
import { cron } from './backups.ts'
import { command, duration, variable } from './fields.ts'
import { expected } from './health.ts'

const NAME = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a name has small letters, digits and -, begins with a letter, and is 40 long at most',
  )

/** How bad it is, in the words of alerts. */
const level = z.enum(['warning', 'critical'])

/** A bound for each of the two, so that one file cannot keep the keeper busy. */
const MOST = 50
const few = (all: object) => Object.keys(all).length <= MOST
const tooMany = `an app has ${MOST} of them at most`

/** `shop.example:5432`, `[::1]:25`: host and port. */
export const ADDRESS = /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?):([1-9]\d{0,4})$/i
const address = z.string().regex(ADDRESS, 'an address is a host and a port, as in mail.example.com:25')

const url = (scheme: RegExp, shown: string) =>
  z.union([z.string().regex(scheme, `write ${shown}`), z.strictObject({ from: variable })])

/** At most so often: a check of the keeper's own asks each instance each second already. */
const SHORTEST_MS = 5_000

const probe = z.strictObject({
  http: url(/^(\/|https?:\/\/)\S*$/, 'a path as in /health, or a URL as in https://example.com/health')
    .optional()
    .describe('A path, asked through the edge by the first domain; or a whole URL'),
  each: z.string().optional().describe('With a path: every instance of this service is asked itself'),
  tcp: address.optional().describe('Host and port that must accept a connection'),
  postgres: z
    .union([
      z.literal(true),
      ...url(/^postgres(ql)?:\/\/\S+$/, 'true, or a URL as in postgresql://user:password@host/name').options,
    ])
    .optional()
    .describe("true: the app's own DATABASE_URL; or another. It must answer select 1"),
  redis: z
    .union([
      z.literal(true),
      ...url(/^rediss?:\/\/\S+$/, 'true, or a URL as in redis://:password@host:6379').options,
    ])
    .optional()
    .describe("true: the app's own REDIS_URL; or another. It must answer PING"),
  command: command.optional().describe('One command of the app, which must end with 0'),
  certificate: address.optional().describe('Host and port whose certificate must be valid'),
  days: z
    .number()
    .int()
    .min(1)
    .max(365)
    .optional()
    .describe('With certificate: for so many days at least; default: 14'),
  status: expected.status
    .unwrap()
    .optional()
    .describe('With http: the status of a good answer; default: 200'),
  expect: expected.expect.unwrap().optional().describe('With http: what the body must say'),
  contentType: expected.contentType.describe('With http: beginning of the content type'),
  every: duration
    .refine(ms => ms >= SHORTEST_MS, 'a probe is asked each 5s at the most')
    .default(60_000)
    .describe('From one to the next, 5s at the least'),
  timeout: duration
    .refine(ms => ms >= 100 && ms <= 60_000, 'a probe waits from 100ms to 1m')
    .default(10_000)
    .describe('An answer later than this is none, 1m at the most'),
  failures: z.number().int().min(1).max(100).default(3).describe('So many in a row are told of'),
  level: level.default('critical').describe('Of the alert: warning or critical'),
})
export type ProbeConfig = z.output<typeof probe>

/** `probes:` of innkeeper.yaml. */
export const probes = z.record(NAME, probe).refine(few, tooMany)

const checkin = z.strictObject({
  every: z
    .union([duration.refine(ms => ms >= 60_000, 'a job that runs more often than each 1m is no job'), cron])
    .describe('How often the job runs: a duration, or as cron says it, in the time zone of the server'),
  grace: duration
    .refine(ms => ms <= 30 * 86_400_000, 'a job is waited for 30d at the most')
    .default(3_600_000)
    .describe('How much later it may be'),
  level: level.default('critical').describe('Of the alert: warning or critical'),
})
export type CheckinConfig = z.output<typeof checkin>

/** `checkins:` of innkeeper.yaml. */
export const checkins = z.record(NAME, checkin).refine(few, tooMany)

/** Where a job finds its address: `nightly-report` → CHECKIN_NIGHTLY_REPORT_URL. */
export const checkinVariable = (name: string): string =>
  `CHECKIN_${name.toUpperCase().replaceAll('-', '_')}_URL`

/** What its token is called among the secrets of the app. No variable has such a name. */
export const checkinSecret = (name: string): string => `checkin:${name}`
