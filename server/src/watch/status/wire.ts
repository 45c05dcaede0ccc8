import { z } from 'zod'
import { AppStatus } from '../../apps/app/wire.ts'
import { Alarm } from '../../kernel/wire-alarm.ts'

/** A part of the server that Innkeeper runs for all apps: edge, postgres. */
export const Part = z.object({
  name: z.string(),
  state: z.enum(['up', 'down', 'stopped']),
  pid: z.number().int().nullable(),
  detail: z.string(),
})

export const Status = z.object({
  keeper: z.object({
    version: z.string(),
    pid: z.number().int(),
    rssBytes: z.number(),
    url: z.string(),
    home: z.string(),
    upSince: z.iso.datetime(),
  }),
  host: z.object({
    name: z.string(),
    cpus: z.number(),
    memoryBytes: z.number(),
    memoryFreeBytes: z.number(),
    diskBytes: z.number(),
    diskFreeBytes: z.number(),
  }),
  parts: z.array(Part),
  /** All alarms of the server, the worst first. */
  alarms: z.array(Alarm),
  apps: z.array(AppStatus),
})
export type Status = z.infer<typeof Status>
