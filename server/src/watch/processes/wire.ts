import { z } from 'zod'

/** What uses this machine now, most of the processors first. */
export const Top = z.object({
  cpus: z.number().int(),
  memoryBytes: z.number().int(),
  memoryFreeBytes: z.number().int(),
  groups: z.array(
    z.object({
      name: z.string().meta({ examples: ['shop.api.blue.1'] }),
      kind: z.enum(['service', 'program']).meta({ description: 'service: one of this home' }),
      cpu: z.number().meta({ description: '1: one processor, all the time' }),
      bytes: z.number().int(),
      processes: z.number().int(),
    }),
  ),
})
export type Top = z.infer<typeof Top>
