import { z } from 'zod'
import { parseArgv } from '../../kernel/argv.ts'

const DAY_MS = 86_400_000
const address = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], 'no address and no range of addresses')

const command = z
  .string()
  .trim()
  .min(1)
  .max(1_000)
  .refine(
    line => 'argv' in parseArgv(line),
    'no program with its arguments: a shell is none of it, `sh -c "…"` is one',
  )

export const MaintenanceRequest = z.object({
  beginsAt: z.iso.datetime(),
  /** Milliseconds. */
  lasts: z
    .number()
    .int()
    .min(60_000, 'it lasts a minute at least')
    .max(7 * DAY_MS, 'it lasts a week at most'),
  /** What the page says; null: the app's own page for 503, or one of Innkeeper's. */
  text: z.string().trim().min(1).max(1_000).nullable().default(null),
  /** Who gets in all the same. */
  allow: z.array(address).max(50).default([]),
  /** Command lines that run one after the other in the release that serves, once visitors are kept out. */
  commands: z.array(command).max(20).default([]),
})
export type MaintenanceRequest = z.infer<typeof MaintenanceRequest>

export const MaintenanceView = z.object({
  id: z.number().int(),
  app: z.string(),
  /** `missed`: the keeper did not run in all of its time, so that nobody was kept out. */
  state: z.enum(['planned', 'on', 'over', 'cancelled', 'missed']),
  beginsAt: z.iso.datetime(),
  endsAt: z.iso.datetime(),
  text: z.string().nullable(),
  allow: z.array(z.string()),
  commands: z.array(z.string()),
  by: z.string(),
  /** The run of its commands; null: it has none, or has not begun them. */
  run: z.string().nullable(),
})
export type MaintenanceView = z.infer<typeof MaintenanceView>
