const SHORTEST_SECRET = 32

/** What the environment says; every problem is reported at once. */
export class Config {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string
  readonly poolSize: number
  readonly jwtSecret: string
  /** Empty: messages of the outbox are only marked as sent. */
  readonly webhookUrl: string
  /** Where the kitchen stands: it decides which day is today. */
  readonly timeZone: string

  constructor(env: NodeJS.ProcessEnv) {
    const problems: string[] = []
    const number = (name: string, otherwise: number, [least, most]: [number, number]) => {
      const value = env[name] ? Number(env[name]) : otherwise
      if (!(Number.isInteger(value) && value >= least && value <= most))
        problems.push(`${name} is a number from ${least} to ${most}`)
      return value
    }
    this.port = number('PORT', 3000, [0, 65535])
    this.host = env.HOST || '127.0.0.1'
    this.databaseUrl = env.DATABASE_URL ?? ''
    this.poolSize = number('DATABASE_POOL_SIZE', 10, [1, 500])
    this.jwtSecret = env.JWT_SECRET ?? ''
    this.webhookUrl = env.WEBHOOK_URL ?? ''
    this.timeZone = env.TIME_ZONE || 'UTC'
    if (!URL.canParse(this.databaseUrl)) problems.push('DATABASE_URL is required: postgresql://user:password@host/name')
    if (this.jwtSecret.length < SHORTEST_SECRET)
      problems.push(`JWT_SECRET is required, ${SHORTEST_SECRET} characters or more`)
    if (this.webhookUrl && !/^https?:\/\/[^/]/.test(this.webhookUrl))
      problems.push('WEBHOOK_URL is an http or https address')
    if (!isTimeZone(this.timeZone)) problems.push('TIME_ZONE is an IANA name like Europe/Madrid')
    if (problems.length > 0) throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`)
  }
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}
