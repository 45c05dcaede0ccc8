import { z } from 'zod'
import { parseArgv } from '../kernel/argv.ts'
import { parseDuration } from '../kernel/durations.ts'
import { parseSize } from '../kernel/sizes.ts'

/** A host name: labels of letters, digits and -, with dots between. `*.` at the start stands for all names below. */
export const HOST_NAME = /^(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i

/** '30s', '10m', '1h30m', 0 → milliseconds. */
export const duration = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = value === 0 || value === '0' ? 0 : typeof value === 'string' ? parseDuration(value) : null
  if (ms !== null) return ms
  context.addIssue({
    code: 'custom',
    message: `"${value}" is not a duration: write a number and ms, s, m, h or d, as in 30s`,
  })
  return z.NEVER
})

/** '256MB', '1GB' → bytes. */
export const size = z.union([z.string(), z.number()]).transform((value, context) => {
  // A bare number or a bare letter means another unit to each tool that people know.
  const bytes = typeof value === 'string' && /[KMGT]i?B\s*$/i.test(value) ? parseSize(value) : null
  if (bytes !== null) return bytes
  const meant = /^\s*([\d.]+)\s*([KMGT]?)i?\s*$/i.exec(String(value))
  const example = meant === null ? '256MB' : `${meant[1]}${meant[2]!.toUpperCase() || 'M'}B`
  context.addIssue({
    code: 'custom',
    message: `"${value}" is not a size: write a number and KB, MB or GB, as in ${example}`,
  })
  return z.NEVER
})

/** A size that less than `least` MB makes senseless: what takes more is named. */
export const sizeFrom = (least: number, takes: string) =>
  size.refine(bytes => bytes >= least * 1024 ** 2, {
    error: ({ input }) => `${sizeText(Number(input))} is less than ${takes}: ${least}MB at least`,
  })

/** Bytes as in innkeeper.yaml: 52428800 is 50MB. */
export function sizeText(bytes: number): string {
  const unit = bytes % 1024 ** 3 === 0 ? 3 : 2
  return `${bytes / 1024 ** unit}${['', '', 'MB', 'GB'][unit]}`
}

/** One command, as a line without a shell or as a list of program and arguments → argv. */
export const command = z.union([z.string(), z.array(z.string()).min(1)]).transform((value, context) => {
  if (typeof value !== 'string') return value
  const parsed = parseArgv(value)
  if ('argv' in parsed) return parsed.argv
  context.addIssue({
    code: 'custom',
    message: `"${value}" cannot run without a shell (${parsed.problem}): write several commands as a list, or ["sh", "-c", "…"]`,
  })
  return z.NEVER
})

/** One command line or a list of them → list of argv. */
export const commands = z
  .union([z.string(), z.array(z.union([z.string(), z.array(z.string()).min(1)]))])
  .transform((value, context) => {
    const lines = typeof value === 'string' ? [value] : value
    const argvs: string[][] = []
    for (const [index, line] of lines.entries()) {
      const parsed = command.safeParse(line)
      if (parsed.success) argvs.push(parsed.data)
      else context.addIssue({ code: 'custom', path: [index], message: parsed.error.issues[0]!.message })
    }
    return argvs
  })

/** A folder or file inside the repository: relative, without `..`. */
export const inside = z.string().transform((value, context) => {
  const path = value.replace(/^\.\//, '').replace(/\/+$/, '')
  if (!path.startsWith('/') && !path.split('/').includes('..')) return path === '' ? '.' : path
  context.addIssue({
    code: 'custom',
    message: `"${value}" leaves the repository: write a path inside it, without ".."`,
  })
  return z.NEVER
})

export const variable = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of a variable has letters, digits and _')
  .describe('Variable of whoever deploys, or of its --env-file; kept for later deploys')

/** A value, a secret that is generated once and kept, or one that is given at the deploy. */
export const givenValue = z.union([
  z.string(),
  z.number().transform(String),
  z.boolean().transform(String),
  z.strictObject({
    generate: z
      .number()
      .int()
      .min(16)
      .max(256)
      .describe('Length of a strong secret that is made at the first deploy and kept'),
  }),
  z.strictObject({ from: variable }),
])

/** A value in the file, or one that is given at the deploy. */
export const ownValue = z.union([z.string(), z.strictObject({ from: variable })])

/** A given value, or a part of a connection that Innkeeper provides. */
const envValue = z.union([
  givenValue,
  z.strictObject({
    database: z
      .enum(['url', 'direct', 'host', 'port', 'name', 'user', 'password'])
      .describe('A part of DATABASE_URL, for apps that want it apart; direct: the address past the pooler'),
  }),
  z.strictObject({
    redis: z
      .enum(['url', 'host', 'port', 'password'])
      .describe('A part of REDIS_URL, for apps that want it apart'),
  }),
])
export type EnvValue = z.output<typeof envValue>

const NAME = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'a name has letters, digits and _')

/** Environment of services. */
export const env = z.record(NAME, envValue)

/** Environment of builds and release steps. Parts of a connection cannot be used in it. */
export const givenEnv = z.record(NAME, givenValue)
