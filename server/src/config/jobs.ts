import { Cron } from 'croner'
import { z } from 'zod'
import { isZone } from '../kernel/moments.ts'
import { didYouMean } from '../kernel/words.ts'
import { PREVIEW, PRODUCTION, parseApp, previewOf } from './app-key.ts'
import { cron } from './backups.ts'
import { command, duration, sizeFrom } from './fields.ts'

const NAME = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{0,39}$/,
    'a name has small letters, digits and -, begins with a letter, and is 40 long at most',
  )

/** A bound, so that one file cannot keep the keeper busy. */
const MOST = 100
const DAY = 86_400_000

/** A pattern that is due some day. */
const schedule = cron.superRefine((text, context) => {
  try {
    if (new Cron(text, { paused: true, mode: '5-part' }).nextRun() !== null) return
  } catch {
    // Said already: it is no pattern.
    return
  }
  context.addIssue({ code: 'custom', message: `"${text}" never comes: no month has such a day` })
})

const timezone = z.string().superRefine((text, context) => {
  if (isZone(text)) return
  const known = Intl.supportedValuesOf('timeZone')
  const last = known.find(zone => zone.split('/').at(-1)!.toLowerCase() === text.trim().toLowerCase())
  const near = last ?? didYouMean(text, known)
  const hint = near === null ? 'write it as in Europe/Rome' : `did you mean ${near}?`
  context.addIssue({ code: 'custom', message: `there is no time zone ${text}; ${hint}` })
})

const job = z.strictObject({
  schedule: schedule.describe('When it runs, as cron says it: minute hour day month weekday'),
  timezone: timezone.default('UTC').describe('By the clocks of which place, as in Europe/Rome'),
  command: command.describe('One command, without a shell'),
  service: z
    .string()
    .optional()
    .describe(
      'In whose release and folder, and with whose environment, it runs; default: the first with a start',
    ),
  timeout: duration
    .refine(ms => ms >= 1_000 && ms <= DAY, 'a job may take from 1s to 24h')
    .default(3_600_000)
    .describe('Longest that a run may take; then it is ended, and has failed'),
  memory: sizeFrom(16, 'any program takes').optional().describe('A run over it is ended, and has failed'),
  overlap: z
    .enum(['skip', 'wait'])
    .default('skip')
    .describe('When the run before is still going on. skip: left out; wait: begins when that one has ended'),
  missed: z
    .enum(['run-once', 'skip'])
    .default('run-once')
    .describe(
      'When the server, the keeper or the app was off at its time. run-once: the newest is made up for, a day late at the most; skip: none is',
    ),
  retries: z
    .number()
    .int()
    .min(0)
    .max(10)
    .default(0)
    .describe('How often a run that failed is tried again: after 30s, 1m, 2m … 10m'),
  expect: z
    .union([z.literal(false), duration.refine(ms => ms <= 30 * DAY, 'a job is waited for 30d at the most')])
    .default(3_600_000)
    .describe(
      'How long after its time it must have ended well; later is told of. false: nobody waits for it',
    ),
  level: z.enum(['warning', 'critical']).default('critical').describe('Of its alerts: warning or critical'),
  environments: z
    .array(z.string())
    .default([PRODUCTION])
    .describe('Where it runs by itself; preview: in each preview. Elsewhere it runs when somebody starts it'),
})
export type JobConfig = z.output<typeof job>

/** `jobs:` of innkeeper.yaml. */
export const jobs = z
  .record(NAME, job)
  .refine(all => Object.keys(all).length <= MOST, `an app has ${MOST} of them at most`)

/** Whether a job runs by itself in this app. */
export function runsIn({ environments }: Pick<JobConfig, 'environments'>, app: string): boolean {
  const { environment } = parseApp(app)
  return environments.includes(previewOf(environment) === null ? environment : PREVIEW)
}
