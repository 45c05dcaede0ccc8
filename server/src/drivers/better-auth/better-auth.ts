import type { DatabaseSync } from 'node:sqlite'
import { type Actor, mayGive, type Rights } from '../../api/actor.ts'
import { Role } from '../../api/wire.ts'
import type { People } from '../../reach/people/people.ts'
import { rightsOf, standing } from '../../reach/people/rights.ts'
import type { AppRoleStore, TokenRow, TokenStore } from '../../reach/people/store.ts'
import type { Person, Token } from '../../reach/people/wire.ts'

interface Options {
  db: DatabaseSync
  /** What each token may do. A key that is not in this store may do nothing, whatever the library says of it. */
  tokens: TokenStore
  /** What people may in single apps. */
  appRoles: AppRoleStore
  /** URL of the dashboard. */
  url: string
  secret: () => Promise<string>
}

const DAY = 86_400
/** The owner of all tokens for the library, which requires one. Tokens belong to no person. */
const TOKEN_OWNER = 'tokens'

type Auth = Awaited<ReturnType<typeof load>>

/** better-auth on the keeper's store. It is loaded at the first request, because it needs as much memory as the rest of the keeper. */
export function betterAuthPeople(options: Options): People {
  const inside = open(options)
  return { ...visitors(inside), ...persons(inside), ...tokenKeys(inside) }
}

/** What all of it shares: the library, the store, and who is told of changes. */
function open(options: Options) {
  const { db, tokens, appRoles } = options
  let loading: Promise<Auth> | null = null
  const listeners = new Set<() => Promise<void>>()
  /** Called after the tokens were removed from our store, so these keys already open nothing. */
  const forgetKeys = (keys: readonly string[], rows: readonly TokenRow[]): Token[] => {
    const gone = keyRows(db).filter(row => keys.includes(row.id))
    for (const { id } of gone) db.prepare('delete from apikey where id = ?').run(id)
    return gone.map(row => toToken(row, rows.find(own => own.key === row.id)!))
  }
  return {
    ...options,
    listeners,
    auth(): Promise<Auth> {
      loading ??= load(options)
      return loading
    },
    changed: async () => void (await Promise.all([...listeners].map(listener => listener()))),
    /** What the token of this row may now; null: nothing. */
    standing: (row: TokenRow): Rights | null =>
      standing(row, {
        token: tokens.find,
        person: id => {
          const found = userRows(db).find(one => one.id === id)
          return found === undefined ? null : rightsOfPerson(appRoles, found)
        },
      }),
    userOf: (email: string) => (exists(db, 'user') ? userRow(db, email) : undefined),
    endTokens(end: () => string[]): Token[] {
      const rows = tokens.all()
      return forgetKeys(end(), rows)
    },
  }
}

type Inside = ReturnType<typeof open>

/** Who asks, and how people sign in and out. */
function visitors(inside: Inside): Pick<People, 'any' | 'identify' | 'handle' | 'onChange'> {
  const { db, appRoles, auth, changed, listeners } = inside
  return {
    any: () => exists(db, 'user') && db.prepare('select 1 from user limit 1').get() !== undefined,

    async identify(headers) {
      const bearer = /^Bearer (\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
      if (bearer !== undefined) return byToken(await auth(), inside, bearer)
      if (headers.get('cookie') === null) return null
      const session = await (await auth()).instance.api.getSession({ headers })
      if (session === null) return null
      const user = session.user as unknown as PersonRow
      const { id, name, email } = user
      return { id: `person:${id}`, name, email, ...rightsOfPerson(appRoles, user) }
    },

    async handle(request) {
      const answer = await (await auth()).instance.handler(request)
      if (answer.ok) await changed()
      return answer
    },

    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function persons(inside: Inside): Pick<People, 'list' | 'invite' | 'remove'> {
  const { db, tokens, appRoles, auth, changed, userOf, endTokens, url } = inside
  return {
    list: async () => (exists(db, 'user') ? userRows(db).map(row => toPerson(row, appRoles)) : []),

    async invite({ email, name, rights }) {
      const { instance, links } = await auth()
      const { internalAdapter } = await instance.$context
      const known = userOf(email)
      if (known === undefined)
        await internalAdapter.createUser(
          { email: email.toLowerCase(), name, emailVerified: true, role: kept(rights, 'operator') },
          { method: 'admin' },
        )
      else await internalAdapter.updateUser(known.id, { role: kept(rights, known.role) })
      const row = userOf(email)!
      if (rights !== null) appRoles.set(row.id, rights.apps)
      endLinks(db, row.id)
      await instance.api.requestPasswordReset({ body: { email, redirectTo: '/welcome' } })
      const token = links.get(row.email)!
      links.delete(row.email)
      const own = rightsOfPerson(appRoles, row)
      const past = tokens
        .all()
        .filter(one => one.maker === `person:${row.id}` && !mayGive(own, rightsOf(one)))
      const ended = endTokens(() => past.flatMap(one => tokens.end(one.key)))
      await changed()
      return {
        person: toPerson(row, appRoles),
        link: `${url}/welcome?${new URLSearchParams({ token, email: row.email })}`,
        ended,
      }
    },

    async remove(email) {
      const known = userOf(email)
      if (known === undefined) return null
      const { internalAdapter } = await (await auth()).instance.$context
      const ended = endTokens(() => tokens.endMadeBy(`person:${known.id}`))
      endLinks(db, known.id)
      appRoles.set(known.id, {})
      await internalAdapter.deleteUser(known.id)
      await changed()
      return ended
    },
  }
}

function tokenKeys(inside: Inside): Pick<People, 'tokens' | 'addToken' | 'revokeToken'> {
  const { db, tokens, auth, changed, endTokens } = inside
  return {
    async tokens() {
      if (!exists(db, 'apikey')) return []
      const rows = tokens.all()
      return keyRows(db).flatMap(key => {
        const own = rows.find(row => row.key === key.id)
        return own === undefined ? [] : [toToken(key, own)]
      })
    },

    async addToken({ name, role, apps, verbs, expiresInDays }, maker) {
      const { instance } = await auth()
      const made = await instance.api.createApiKey({
        body: { name, userId: TOKEN_OWNER, expiresIn: expiresInDays * DAY },
      })
      const own: TokenRow = { key: made.id, role, apps, verbs, maker: maker.id, made_by: maker.name }
      tokens.add(own)
      return { token: toToken(keyRows(db).find(row => row.id === made.id)!, own), secret: made.key }
    },

    async revokeToken(id) {
      if (tokens.find(id) === null) return null
      const ended = endTokens(() => tokens.end(id))
      await changed()
      return ended
    },
  }
}

async function byToken({ instance }: Auth, { tokens, standing }: Inside, key: string): Promise<Actor | null> {
  const { valid, key: found } = await instance.api.verifyApiKey({ body: { key } })
  if (!valid || found === null) return null
  const own = tokens.find(found.id)
  const rights = own === null ? null : standing(own)
  return rights && { id: `token:${found.id}`, name: `token ${found.name}`, email: null, ...rights }
}

async function load({ db, url, secret }: Options) {
  const [{ betterAuth }, { apiKey }, { getMigrations }] = await Promise.all([
    import('better-auth'),
    import('@better-auth/api-key'),
    import('better-auth/db/migration'),
  ])
  const links = new Map<string, string>()
  const plugins = [apiKey({ rateLimit: { enabled: false }, defaultPrefix: 'inn_' })]
  const config = { ...configuration({ db, url, secret: await secret(), links }), plugins }
  const { runMigrations } = await getMigrations(config)
  await runMigrations()
  // Removes keys that are not in the table of tokens: the library would take their role from the key itself.
  db.exec('delete from apikey where id not in (select key from token)')
  return { instance: betterAuth(config), links }
}

interface Configured {
  db: DatabaseSync
  url: string
  secret: string
  /** E-mail address → the token of the link that lets this person choose a password. */
  links: Map<string, string>
}

const configuration = ({ db, url, secret, links }: Configured) => ({
  database: db,
  baseURL: url,
  // Reached by other names too (a tunnel, a domain): the cookie is bound to the host it came from.
  trustedOrigins: async (request?: Request) => (request === undefined ? [] : [new URL(request.url).origin]),
  secret,
  telemetry: { enabled: false },
  logger: { level: 'error' as const },
  // A browser drops the cookie a week after the sign-in, so the session ends then too, however much it is used.
  session: { expiresIn: 7 * DAY, disableSessionRefresh: true },
  verification: { storeIdentifier: 'hashed' as const },
  emailAndPassword: {
    enabled: true,
    disableSignUp: true,
    minPasswordLength: 12,
    resetPasswordTokenExpiresIn: DAY,
    revokeSessionsOnPasswordReset: true,
    sendResetPassword: async ({ user, token }: { user: { email: string }; token: string }) =>
      void links.set(user.email, token),
  },
  // It counts by what a header says; reach/people/routes-auth.ts counts by person as well.
  rateLimit: { enabled: false },
  // The edge takes this cookie from what it passes to apps (drivers/nginx/conf.ts): a browser sends it to all ports of a host.
  advanced: { cookiePrefix: 'innkeeper', ipAddress: { disableIpTracking: true } },
  user: {
    additionalFields: {
      role: { type: 'string' as const, input: false, required: true, defaultValue: 'viewer' },
    },
  },
})

interface PersonRow {
  id: string
  email: string
  name: string
  /** A role, or `none`: the library wants a text. */
  role: string
  createdAt: string
}

interface KeyRow {
  id: string
  name: string
  start: string | null
  createdAt: string
  expiresAt: string | null
  lastRequest: string | null
}

const exists = (db: DatabaseSync, table: string): boolean =>
  db.prepare("select 1 from sqlite_master where type = 'table' and name = ?").get(table) !== undefined

const userRows = (db: DatabaseSync): PersonRow[] =>
  db
    .prepare('select id, email, name, role, createdAt from user order by email')
    .all() as unknown as PersonRow[]

const userRow = (db: DatabaseSync, email: string): PersonRow | undefined =>
  userRows(db).find(row => row.email === email.toLowerCase())

const keyRows = (db: DatabaseSync): KeyRow[] =>
  db
    .prepare('select id, name, start, createdAt, expiresAt, lastRequest from apikey order by createdAt')
    .all() as unknown as KeyRow[]

/** Links from older invitations end: somebody who finds an old mail must not choose the password. */
const endLinks = (db: DatabaseSync, user: string): void =>
  void db.prepare('delete from verification where value = ?').run(user)

const rightsOfPerson = (appRoles: AppRoleStore, { id, role }: PersonRow): Rights => ({
  role: Role.safeParse(role).data ?? null,
  apps: appRoles.of(id),
  verbs: null,
})

/** What the library keeps of rights, where some were named. */
const kept = (rights: Pick<Rights, 'role'> | null, otherwise: string): string =>
  rights === null ? otherwise : (rights.role ?? 'none')

function toPerson(row: PersonRow, appRoles: AppRoleStore): Person {
  const { role, apps } = rightsOfPerson(appRoles, row)
  return { ...row, role, apps, createdAt: new Date(row.createdAt).toISOString() }
}

const isoOrNull = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString())

const toToken = ({ lastRequest, ...key }: KeyRow, own: TokenRow): Token => ({
  ...key,
  role: own.role,
  apps: own.apps === null ? null : [...own.apps],
  verbs: own.verbs === null ? null : [...own.verbs],
  madeBy: own.made_by,
  createdAt: new Date(key.createdAt).toISOString(),
  expiresAt: isoOrNull(key.expiresAt),
  usedAt: isoOrNull(lastRequest),
})
