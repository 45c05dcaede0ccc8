import { randomBytes } from 'node:crypto'
import { z } from 'zod'

const Environment = z
  .object({
    NODE_ENV: z.string().default('development'),
    CLINIC_STAGE: z.enum(['development', 'staging', 'production']).optional(),
    PORT: z.coerce.number().int().min(0).max(65535).default(4000),
    HOST: z.string().default('127.0.0.1'),
    DATABASE_URL: z.string('is required: postgres://user:password@host/name'),
    // One connection listens for the chat of other instances, so one alone could never answer.
    DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(500).default(10),
    SESSION_SECRET: z.string().min(32, 'needs 32 characters or more').optional(),
    EXPORTS_DIR: z.string().default('exports'),
    CLINIC_TIME_ZONE: z.string().refine(isTimeZone, 'is no time zone, for instance Europe/Vienna').default('Europe/Vienna'),
    SEED_PASSWORD: z.string().min(8, 'needs 8 characters or more').optional(),
  })
  .refine((e) => e.NODE_ENV !== 'production' || e.SESSION_SECRET, {
    path: ['SESSION_SECRET'],
    message: 'is required in production (32 characters or more)',
  })

export type Config = ReturnType<typeof readConfig>

export class ConfigError extends Error {}

/** Every problem is reported at once. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = Environment.safeParse(given)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
    throw new ConfigError(`The environment is not complete:\n${lines.join('\n')}`)
  }
  return withDefaults(parsed.data)
}

function withDefaults(e: z.infer<typeof Environment>) {
  const production = e.NODE_ENV === 'production'
  return {
    stage: e.CLINIC_STAGE ?? (production ? 'production' : 'development'),
    port: e.PORT,
    host: e.HOST,
    databaseUrl: e.DATABASE_URL,
    poolSize: e.DATABASE_POOL_SIZE,
    // Outside production, a new secret at each start only means that people log in again.
    sessionSecret: e.SESSION_SECRET ?? randomBytes(32).toString('hex'),
    exportsDir: e.EXPORTS_DIR,
    timeZone: e.CLINIC_TIME_ZONE,
    seedPassword: e.SEED_PASSWORD ?? (production ? undefined : 'lindenhof-demo'),
  } as const
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
