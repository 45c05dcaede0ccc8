import { z } from 'zod'
import { Failure } from '../../kernel/wire.ts'

export const TerminalSize = z.object({
  columns: z.number().int().min(1).max(10_000),
  rows: z.number().int().min(1).max(10_000),
})
export type TerminalSize = z.infer<typeof TerminalSize>

/** One command to run in a release. */
export const CommandOrder = z.object({
  argv: z.array(z.string()).min(1),
  service: z.string().optional(),
  release: z.string().optional(),
  env: z.record(z.string(), z.string()).default({}),
  /** Which database a client of PostgreSQL (psql) is connected to, and with whose rights; without it, as the app. */
  database: z.object({ owner: z.boolean().default(false), copy: z.string().max(63).optional() }).optional(),
  /** The command gets a terminal of this kind and size; without it, three streams. */
  terminal: TerminalSize.extend({ kind: z.string().regex(/^[\w.+-]{1,64}$/) }).optional(),
})
export type CommandOrder = z.infer<typeof CommandOrder>

/** What is said about a command between the bytes that it prints. */
export const CommandSaid = z.union([
  z.object({ id: z.string() }),
  z.object({ code: z.number() }),
  z.object({ failure: Failure }),
])
export type CommandSaid = z.infer<typeof CommandSaid>

/** What became of a piece of standard input. Not taken: the command does not read for now, so it is sent again. */
export const InputTaken = z.object({ open: z.boolean(), taken: z.boolean() })
export type InputTaken = z.infer<typeof InputTaken>

export const SignalName = z.enum(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'])
export type SignalName = z.infer<typeof SignalName>
