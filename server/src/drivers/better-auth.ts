import type { DatabaseSync } from 'node:sqlite'
import type { Person, Role, Token } from '../../../contract/people.ts'
import type { Actor, People } from '../people/people.ts'

interface Options {
  db: DatabaseSync
  /** Where the dashboard is reached. */
  url: string
  secret: () => Promise<string>
}

const DAY = 86_400
/** Tokens belong to no person; the library wants an owner's id. */
const TOKEN_OWNER = 'tokens'

type Auth = Awaited<ReturnType<typeof load>>

/** better-auth on the keeper's store. Loaded when somebody first asks: it weighs as much as the rest of the keeper. */
export function betterAuthPeople(options: Options): People {
  let loading: Promise<Auth> | null = null
  const auth = (): Promise<Auth> => {
    loading ??= load(options)
    return loading
  }
  const { db } = options
  const exists = (name: string): boolean =>
    db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(name) !== undefined

  return {
    any: () => exists('user') && db.prepare('select 1 from user limit 1').get() !== undefined,

    async identify(headers) {
      const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
      if (bearer !== undefined) return byToken(await auth(), bearer)
      if (headers.get('cookie') === null) return null
      const session = await (await auth()).instance.api.getSession({ headers })
      if (session === null) return null
      const { name, email, role } = session.user as unknown as { name: string; email: string; role: Role }
      return { name, email, role }
    },

    async list() {
      if (!exists('user')) return []
      return (
        db
          .prepare('select id, email, name, role, createdAt from user order by email')
          .all() as unknown as PersonRow[]
      ).map(toPerson)
    },

    async invite({ email, name, role }) {
      const { instance, links } = await auth()
      const { internalAdapter } = await instance.$context
      const known = await internalAdapter.findUserByEmail(email)
      if (known === null)
        await internalAdapter.createUser(
          { email: email.toLowerCase(), name, emailVerified: true, role },
          { method: 'admin' },
        )
      else await internalAdapter.updateUser(known.user.id, { role })
      await instance.api.requestPasswordReset({ body: { email, redirectTo: '/welcome' } })
      const token = links.get(email.toLowerCase())!
      links.delete(email.toLowerCase())
      const row = db
        .prepare('select id, email, name, role, createdAt from user where email = ?')
        .get(email.toLowerCase()) as unknown as PersonRow
      return { person: toPerson(row), link: `${options.url}/welcome?token=${token}` }
    },

    async remove(email) {
      const { internalAdapter } = await (await auth()).instance.$context
      const known = await internalAdapter.findUserByEmail(email)
      if (known === null) return false
      await internalAdapter.deleteUser(known.user.id)
      return true
    },

    async tokens() {
      if (!exists('apikey')) return []
      const rows = db
        .prepare('select id, name, start, createdAt, expiresAt, metadata from apikey order by createdAt')
        .all() as unknown as TokenRow[]
      return rows.map(toToken)
    },

    async addToken({ name, role, expiresInDays }) {
      const { instance } = await auth()
      const made = await instance.api.createApiKey({
        body: { name, userId: TOKEN_OWNER, metadata: { role }, expiresIn: expiresInDays * DAY },
      })
      const row = db
        .prepare('select id, name, start, createdAt, expiresAt, metadata from apikey where id = ?')
        .get(made.id) as unknown as TokenRow
      return { token: toToken(row), secret: made.key }
    },

    async revokeToken(id) {
      return exists('apikey') && db.prepare('delete from apikey where id = ?').run(id).changes > 0
    },

    handle: async request => (await auth()).instance.handler(request),
  }
}

async function byToken({ instance }: Auth, key: string): Promise<Actor | null> {
  const { valid, key: found } = await instance.api.verifyApiKey({ body: { key } })
  if (!valid || found === null) return null
  const { role } = found.metadata as { role: Role }
  return { name: `token ${found.name}`, email: null, role }
}

async function load({ db, url, secret }: Options) {
  const [{ betterAuth }, { apiKey }, { getMigrations }] = await Promise.all([
    import('better-auth'),
    import('@better-auth/api-key'),
    import('better-auth/db/migration'),
  ])
  const links = new Map<string, string>()
  const config = {
    database: db,
    baseURL: url,
    // Reached by other names too (a tunnel, a domain): the cookie is bound to the host it came from.
    trustedOrigins: async (request?: Request) => (request === undefined ? [] : [new URL(request.url).origin]),
    secret: await secret(),
    telemetry: { enabled: false },
    logger: { level: 'error' as const },
    emailAndPassword: {
      enabled: true,
      disableSignUp: true,
      minPasswordLength: 12,
      resetPasswordTokenExpiresIn: DAY,
      revokeSessionsOnPasswordReset: true,
      sendResetPassword: async ({ user, token }: { user: { email: string }; token: string }) =>
        void links.set(user.email, token),
    },
    rateLimit: {
      enabled: true,
      window: 60,
      max: 300,
      customRules: { '/sign-in/email': { window: 60, max: 10 } },
    },
    user: {
      additionalFields: {
        role: { type: 'string' as const, input: false, required: true, defaultValue: 'viewer' },
      },
    },
    plugins: [apiKey({ enableMetadata: true, rateLimit: { enabled: false }, defaultPrefix: 'inn_' })],
  }
  const { runMigrations } = await getMigrations(config)
  await runMigrations()
  return { instance: betterAuth(config), links }
}

interface PersonRow {
  id: string
  email: string
  name: string
  role: Role
  createdAt: string
}

interface TokenRow {
  id: string
  name: string
  start: string | null
  createdAt: string
  expiresAt: string | null
  metadata: string
}

const toPerson = (row: PersonRow): Person => ({ ...row, createdAt: new Date(row.createdAt).toISOString() })

const toToken = ({ metadata, ...row }: TokenRow): Token => ({
  ...row,
  role: (JSON.parse(metadata) as { role: Role }).role,
  createdAt: new Date(row.createdAt).toISOString(),
  expiresAt: row.expiresAt === null ? null : new Date(row.expiresAt).toISOString(),
})
