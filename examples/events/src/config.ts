const SHORTEST_KEY = 24

/** What the environment says; every problem is reported at once. */
export class Config {
  readonly port: number
  readonly host: string
  readonly databaseUrl: string
  readonly poolSize: number
  /** Empty: no bot; the API works without. */
  readonly botToken: string
  readonly telegramApiRoot: string
  /** Empty: nobody can make accounts. */
  readonly adminKey: string

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
    this.botToken = env.BOT_TOKEN ?? ''
    this.telegramApiRoot = (env.TELEGRAM_API_ROOT || 'https://api.telegram.org').replace(/\/+$/, '')
    this.adminKey = env.ADMIN_API_KEY ?? ''
    if (!URL.canParse(this.databaseUrl)) problems.push('DATABASE_URL is required: postgresql://user:password@host/name')
    if (!/^https?:\/\/[^/]/.test(this.telegramApiRoot)) problems.push('TELEGRAM_API_ROOT is an http or https address')
    if (this.adminKey && this.adminKey.length < SHORTEST_KEY)
      problems.push(`ADMIN_API_KEY needs ${SHORTEST_KEY} characters or more`)
    if (problems.length > 0) throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`)
  }
}
