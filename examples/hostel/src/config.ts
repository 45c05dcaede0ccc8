import { randomBytes } from 'node:crypto'
import { z } from 'zod'

const Environment = z
  .object({
    NODE_ENV: z.string().default('development'),
    PORT: z.coerce.number().int().min(0).max(65535).default(3000),
    HOST: z.string().default('127.0.0.1'),
    DATABASE_URL: z.string().optional(),
    DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(500).default(10),
    STORAGE: z.enum(['memory', 'postgres', 'hybrid']).optional(),
    SESSION_SECRET: z.string().min(32, 'needs 32 characters or more').optional(),
    UPLOADS_DIR: z.string().default('uploads'),
    ADMIN_EMAIL: z.email().optional(),
    ADMIN_PASSWORD: z.string().min(8, 'needs 8 characters or more').optional(),
    KIOSK_TOKEN: z.string().min(8, 'needs 8 characters or more').optional(),
  })
  .refine((e) => e.NODE_ENV !== 'production' || e.SESSION_SECRET, {
    path: ['SESSION_SECRET'],
    message: 'is required in production (32 characters or more)',
  })
  .refine((e) => !e.STORAGE || e.STORAGE === 'memory' || e.DATABASE_URL, {
    path: ['DATABASE_URL'],
    message: 'is required by this STORAGE',
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
    production,
    port: e.PORT,
    host: e.HOST,
    storage: e.STORAGE ?? (e.DATABASE_URL ? 'postgres' : 'memory'),
    databaseUrl: e.DATABASE_URL ?? '',
    poolSize: e.DATABASE_POOL_SIZE,
    // Outside production, a new secret at each start only means that people log in again.
    sessionSecret: e.SESSION_SECRET ?? randomBytes(32).toString('hex'),
    uploadsDir: e.UPLOADS_DIR,
    admin: { email: e.ADMIN_EMAIL ?? demo('admin@harbour.example'), password: e.ADMIN_PASSWORD ?? demo('harbour-demo') },
    kioskToken: e.KIOSK_TOKEN ?? demo('kiosk-demo'),
  } as const

  function demo(value: string) {
    return production ? undefined : value
  }
}
