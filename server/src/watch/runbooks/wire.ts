import { z } from 'zod'

const Stamp = z.object({ by: z.string(), at: z.iso.datetime() })

/** A runbook as lists show it. */
export const RunbookView = z.object({
  name: z.string(),
  title: z.string(),
  /** null: it comes with Innkeeper. */
  app: z
    .string()
    .nullable()
    .meta({ description: 'in whose repository it is; null: it comes with Innkeeper' }),
  for: z.array(z.string()).meta({ description: 'alerts that it helps with' }),
  ofApp: z.boolean().meta({ description: 'whether it is walked for an app' }),
  safe: z.boolean().meta({ description: 'whether it may run by itself' }),
  steps: z.number().int(),
  problems: z.array(z.string()).meta({ description: 'what keeps it from being walked' }),
  links: z.array(z.string()).meta({ description: 'web pages that it names' }),
  fits: z.boolean().meta({ description: 'it helps with an alert of the incident that was named' }),
  tried: Stamp.nullable().meta({ description: 'when somebody last came to its end; null: never' }),
})
export type RunbookView = z.infer<typeof RunbookView>

export const RunbookText = RunbookView.extend({ text: z.string().meta({ description: 'as Markdown' }) })
export type RunbookText = z.infer<typeof RunbookText>

export const WalkItem = z.object({
  kind: z.enum(['question', 'text', 'command', 'check']),
  section: z.number().int(),
  text: z.string().meta({ description: 'of a command: with its values filled in, once it was run' }),
  prose: z.string().meta({ description: 'Markdown that stands before it' }),
  changes: z.boolean(),
  values: z.array(z.string()).meta({ description: 'names of values that a person gives' }),
  state: z.enum(['pending', 'running', 'done', 'failed', 'unknown', 'skipped', 'passed', 'yes', 'no']),
  by: z.string().nullable(),
  at: z.iso.datetime().nullable(),
  ms: z.number().int().nullable(),
  code: z.number().int().nullable(),
  output: z.string().nullable().meta({ description: 'the end of what it printed, so far' }),
})
export type WalkItem = z.infer<typeof WalkItem>

export const WalkSummary = z.object({
  id: z.number().int(),
  runbook: z.string(),
  title: z.string(),
  app: z.string().nullable(),
  incident: z.number().int().nullable(),
  by: z.string(),
  dry: z.boolean().meta({ description: 'nothing is changed by it' }),
  state: z.enum(['open', 'done', 'stopped']),
  begunAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
})
export type WalkSummary = z.infer<typeof WalkSummary>

export const WalkView = WalkSummary.extend({
  about: z.string(),
  sections: z.array(z.object({ title: z.string(), prose: z.string() })),
  items: z.array(WalkItem),
  next: z.number().int().nullable().meta({ description: 'whose turn it is; null: all is settled' }),
  acts: z.array(z.enum(['do', 'yes', 'no', 'skip'])).meta({ description: 'what may be done with it' }),
})
export type WalkView = z.infer<typeof WalkView>

export const WalkRequest = z.strictObject({
  app: z.string().max(64).nullable().default(null),
  /** null: the open incident of the app, if there is one. */
  incident: z.number().int().nullable().default(null),
  dry: z.boolean().default(false),
})
export type WalkRequest = z.infer<typeof WalkRequest>

export const ActRequest = z.strictObject({
  item: z.number().int().min(0),
  act: z.enum(['do', 'yes', 'no', 'skip']),
  values: z.record(z.string().max(30), z.string().max(1_000)).default({}),
})
export type ActRequest = z.infer<typeof ActRequest>
