import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export class ConfigError extends Error {}

/** What the environment says, checked once at the start. Every problem is reported at once. */
export class Config {
  readonly production: boolean
  readonly host: string
  readonly port: number
  readonly databaseUrl: string
  readonly poolSize: number
  readonly redisUrl: string
  /** The first signs; tokens of any of them are believed, so that a secret can be changed while people stay logged in. */
  readonly jwtSecrets: readonly [string, ...string[]]
  readonly version: string

  constructor(env: NodeJS.ProcessEnv) {
    const problems: string[] = []
    const number = (name: string, fallback: number, least: number, most: number) => {
      const value = env[name] ? Number(env[name]) : fallback
      if (!Number.isInteger(value) || value < least || value > most)
        problems.push(`${name} is a whole number from ${least} to ${most}`)
      return value
    }
    this.production = env.NODE_ENV === 'production'
    this.host = env.HOST || '127.0.0.1'
    this.port = number('PORT', 3001, 0, 65_535)
    this.databaseUrl = env.DATABASE_URL ?? ''
    this.poolSize = number('DATABASE_POOL_SIZE', 10, 1, 500)
    this.redisUrl = env.REDIS_URL || 'redis://127.0.0.1:6379'
    this.version = env.APP_VERSION || packageVersion()
    if (!this.databaseUrl) problems.push('DATABASE_URL is the address of a PostgreSQL database, and required')
    if (this.production && !env.JWT_SECRET) problems.push('JWT_SECRET is required in production (32 characters or more)')
    if (env.JWT_SECRET && env.JWT_SECRET.length < 32) problems.push('JWT_SECRET needs 32 characters or more')
    // Outside production, a new secret at each start only means that people log in again.
    const secret = env.JWT_SECRET || randomBytes(32).toString('hex')
    this.jwtSecrets = env.JWT_SECRET_PREVIOUS ? [secret, env.JWT_SECRET_PREVIOUS] : [secret]
    if (problems.length > 0) throw new ConfigError(`The environment is not complete:\n  ${problems.join('\n  ')}`)
  }
}

/** From the folder where it is started: the compiled files lie at different depths in builds and in tests. */
const packageVersion = () => String(JSON.parse(readFileSync(join(process.cwd(), 'package.json'), 'utf8')).version)
