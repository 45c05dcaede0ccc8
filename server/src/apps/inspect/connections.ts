import type { EnvUse, Facts } from './facts.ts'
import type { ProposedEnv, Remarks } from './proposal.ts'

type Part =
  | { database: 'url' | 'host' | 'port' | 'name' | 'user' | 'password' }
  | { redis: 'url' | 'host' | 'port' | 'password' }

const DATABASE =
  /^(?:DB|PG|POSTGRES|POSTGRESQL|DATABASE|TYPEORM|SQL)_?(HOST|HOSTNAME|SERVER|PORT|USER|USERNAME|PASS|PASSWORD|NAME|DATABASE|DB)$/
const DATABASE_URL =
  /^(?:POSTGRES_(?:URL|URI|PRISMA_URL|CONNECTION_STRING)|POSTGRESQL_(?:URL|URI)|DIRECT_(?:DATABASE_)?URL|DB_(?:URL|URI)|PG_?(?:URL|URI)|DATABASE_(?:URI|CONNECTION|CONNECTION_STRING|DSN))$/
const REDIS =
  /^(?:REDIS|CACHE_REDIS|QUEUE_REDIS|BULL_REDIS|REDIS_QUEUE|REDIS_CACHE)_(HOST|HOSTNAME|PORT|PASS|PASSWORD)$/
const REDIS_URL =
  /^(?:REDIS_(?:URI|CONNECTION|CONNECTION_STRING|DSN|TLS_URL)|(?:CACHE|QUEUE|BULL|SESSION)_REDIS_URL|REDIS_(?:CACHE|QUEUE)_URL)$/

const NAMES: Record<string, 'host' | 'port' | 'name' | 'user' | 'password'> = {
  HOST: 'host',
  HOSTNAME: 'host',
  SERVER: 'host',
  PORT: 'port',
  USER: 'user',
  USERNAME: 'user',
  PASS: 'password',
  PASSWORD: 'password',
  NAME: 'name',
  DATABASE: 'name',
  DB: 'name',
}

/** The part of a connection of ours that a variable is read for; null: it is another variable, or the app has no such connection. */
export function partOf(name: string, { databases }: Pick<Facts, 'databases'>): Part | null {
  const has = (kind: string): boolean => databases.some(d => d.kind === kind)
  if (has('postgres')) {
    if (DATABASE_URL.test(name)) return { database: 'url' }
    const part = DATABASE.exec(name)?.[1]
    if (part !== undefined) return { database: NAMES[part]! }
  }
  if (!has('redis')) return null
  if (REDIS_URL.test(name)) return { redis: 'url' }
  const part = NAMES[REDIS.exec(name)?.[1] ?? '']
  return part === 'host' || part === 'port' || part === 'password' ? { redis: part } : null
}

/** `env:` entries for what an app reads of its connections by names of its own. */
export function connectionParts(
  uses: readonly EnvUse[],
  { facts, path, remarks }: { facts: Facts; path: string; remarks: Remarks },
): ProposedEnv {
  const env: ProposedEnv = {}
  for (const { name, file } of uses) {
    const part = partOf(name, facts)
    if (part === null) continue
    env[name] = part
    remarks.say(
      `${path}.${name}`,
      `${file} reads it: a part of what Innkeeper gives as ${'database' in part ? 'DATABASE_URL' : 'REDIS_URL'}.`,
    )
  }
  return env
}
