import { z } from 'zod'

/** Something that a person must know. `late`: it is bad now; `soon`: it will be bad if nobody acts. */
export const Alarm = z.object({
  code: z.string().meta({ examples: ['backup.overdue', 'backup.archive-lag'] }),
  level: z.enum(['late', 'soon']),
  what: z.string(),
  fix: z.string(),
  /** The app that it is about; left out: it is about the server, or several of them. */
  app: z.string().optional(),
  /** Which one, where an app may have several of its kind: a probe, a job. */
  name: z.string().optional(),
})
export type Alarm = z.infer<typeof Alarm>

/** Where alarms come from. */
export interface AlarmSource {
  /** The name of the noun. */
  of: string
  /** What is wrong at this moment. */
  alarms(): Promise<Alarm[]>
}
