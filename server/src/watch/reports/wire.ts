import { z } from 'zod'
import { isZone } from '../../kernel/moments.ts'

export const ReportPeriod = z.enum(['day', 'week', 'month'])
export type ReportPeriod = z.infer<typeof ReportPeriod>

/** `look`: somebody should look at it; `bad`: somebody must; `unknown`: it could not be looked at, so it may be anything. */
export const ReportState = z.enum(['well', 'look', 'bad', 'unknown'])
export type ReportState = z.infer<typeof ReportState>

export const ReportLine = z.object({
  state: ReportState,
  app: z.string().nullable().meta({ description: 'null: it is about the server' }),
  text: z.string(),
  fix: z.string().nullable().meta({ description: 'what to do, with commands in backticks' }),
})
export type ReportLine = z.infer<typeof ReportLine>

export const ReportSection = z.object({
  name: z.string().meta({ examples: ['backups'] }),
  title: z.string(),
  state: ReportState,
  says: z.string().meta({ description: 'all of it in a line; of what is not known, why' }),
  lines: z.array(ReportLine),
})
export type ReportSection = z.infer<typeof ReportSection>

const Figures = z.object({
  requests: z.number().int(),
  errors: z.number().int().meta({ description: 'answers that are 5xx' }),
  p95: z.number().nullable().meta({ description: 'seconds; null: it was not measured' }),
})

export const Report = z.object({
  period: ReportPeriod,
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  server: z.string(),
  state: ReportState,
  sections: z.array(ReportSection),
  traffic: z.array(
    z.object({
      app: z.string(),
      now: Figures,
      before: Figures.nullable().meta({ description: 'of the same length; null: nothing was measured then' }),
      slots: z
        .array(z.object({ at: z.iso.datetime(), requests: z.number().int(), errors: z.number().int() }))
        .meta({ description: 'hours of a day, days of what is longer' }),
    }),
  ),
})
export type Report = z.infer<typeof Report>

export const ReportQuery = z.object({ period: ReportPeriod.default('week') })

const clock = String.raw`([01]\d|2[0-3]):[0-5]\d`

/** When reports are sent, and to whom. null: not at all. */
export const ReportSettings = z.object({
  day: z
    .string()
    .regex(new RegExp(`^${clock}$`), 'a time of the day, such as 08:00')
    .nullable(),
  week: z
    .string()
    .regex(new RegExp(`^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${clock}$`), 'a day and a time, such as Mon 08:00')
    .nullable(),
  month: z
    .string()
    .regex(new RegExp(`^([1-9]|1\\d|2[0-8]) ${clock}$`), 'a day from 1 to 28 and a time, such as 1 08:00')
    .nullable(),
  zone: z.string().refine(isZone, 'a time zone has a name such as Europe/Berlin'),
  channels: z
    .array(z.string().max(100))
    .max(50)
    .meta({ description: 'empty: all but those that call people (PagerDuty, SMS)' }),
})
export type ReportSettings = z.infer<typeof ReportSettings>

export const ReportSent = z.object({
  period: ReportPeriod,
  state: ReportState,
  channels: z.array(z.string()),
})
export type ReportSent = z.infer<typeof ReportSent>
