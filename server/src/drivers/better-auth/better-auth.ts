import { type Actor, isAssistant, type Rights } from '../../api/actor.ts'
import { factorOf } from '../../reach/people/factor.ts'
import type { People } from '../../reach/people/people.ts'
import { mayHave, rightsOf } from '../../reach/people/rights.ts'
import type { TokenRow } from '../../reach/people/store.ts'
import type { Session } from '../../reach/people/wire.ts'
import { type Auth, type Inside, type Options, open } from './inside.ts'
import { DAY } from './load.ts'
import { forgetFactorOf, hasShown, ownPasskeys } from './passkeys.ts'
import {
  endLinks,
  exists,
  heldBy,
  kept,
  keyRows,
  type PersonRow,
  rightsOfPerson,
  sessionRows,
  toPerson,
  toToken,
  userRows,
} from './rows.ts'

/** The owner of all tokens for the library, which requires one. Tokens belong to no person. */
const TOKEN_OWNER = 'tokens'

/** better-auth on the keeper's store. It is loaded at the first request, because it needs as much memory as the rest of the keeper. */
export function betterAuthPeople(options: Options): People {
  const inside = open(options)
  return {
    ...{ ...visitors(inside), ...persons(inside), ...sessions(inside), ...tokenKeys(inside) },
    ...ownPasskeys(inside),
  }
}

/** Who asks, and how people sign in and out. */
function visitors(inside: Inside): Pick<People, 'any' | 'identify' | 'handle' | 'onChange'> {
  const { db, appRoles, sessionUse, policy, auth, changed, listeners } = inside
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
      sessionUse.used(session.session.id, Date.now())
      const rights = rightsOfPerson(appRoles, user)
      const held = { ...heldBy(db, user), shown: hasShown(inside, session.session.id) }
      const factor = factorOf(rights, held, await policy.read())
      return { id: `person:${id}`, session: session.session.id, name, email, factor, ...rights }
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
  const { db, tokens, appRoles, auth, changed, userOf, endTokens } = inside
  return {
    list: async () => (exists(db, 'user') ? userRows(db).map(row => toPerson(db, row, appRoles)) : []),

    async invite({ email, name, rights }) {
      const { instance } = await auth()
      const { internalAdapter } = await instance.$context
      const known = userOf(email)
      const before = known === undefined ? {} : appRoles.of(known.id)
      if (known === undefined)
        await internalAdapter.createUser(
          { email: email.toLowerCase(), name, emailVerified: true, role: kept(rights, 'operator') },
          { method: 'admin' },
        )
      else await internalAdapter.updateUser(known.id, { role: kept(rights, known.role) })
      const row = userOf(email)!
      if (rights !== null) appRoles.set(row.id, rights.apps)
      // Whoever may something else now signs in anew: what a page of before holds is of other rights.
      if (known !== undefined && said(known, before) !== said(row, appRoles.of(row.id)))
        await internalAdapter.deleteUserSessions(row.id)
      const link = await newLink(inside, row)
      const own = rightsOfPerson(appRoles, row)
      const past = tokens
        .all()
        .filter(one => one.maker === `person:${row.id}` && !mayHave(own, rightsOf(one)))
      const ended = endTokens(() => past.flatMap(one => tokens.end(one.key)))
      await changed()
      return {
        person: toPerson(db, row, appRoles),
        link,
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
      forgetFactorOf(inside, known.id)
      await internalAdapter.deleteUser(known.id)
      await changed()
      return ended
    },
  }
}

/** What a person's rights come to, to compare them. */
const said = ({ role }: PersonRow, apps: object): string => JSON.stringify([role, apps])

/** A link to choose a password with. Those of before end. */
async function newLink({ db, auth, url }: Inside, { id, email }: PersonRow): Promise<string> {
  const { instance, links } = await auth()
  endLinks(db, id)
  await instance.api.requestPasswordReset({ body: { email, redirectTo: '/welcome' } })
  const token = links.get(email)!
  links.delete(email)
  return `${url}/welcome?${new URLSearchParams({ token, email })}`
}

function sessions(inside: Inside): Pick<People, 'sessions' | 'endSession' | 'reset' | 'policy'> {
  const { db, appRoles, sessionUse, policy, auth, changed, userOf } = inside
  const adapter = async () => (await (await auth()).instance.$context).internalAdapter
  return {
    async sessions() {
      const rows = sessionRows(db)
      sessionUse.keepOnly(rows.map(row => row.id))
      const people = new Map(rows.length === 0 ? [] : userRows(db).map(row => [row.id, row.email]))
      return rows.map(({ id, userId, ...row }): Session => {
        const used = sessionUse.of(id) ?? Date.parse(row.createdAt)
        return {
          ...{
            id,
            email: people.get(userId) ?? '',
            device: row.userAgent || null,
            address: row.ipAddress || null,
          },
          since: new Date(row.createdAt).toISOString(),
          usedAt: new Date(used).toISOString(),
          expiresAt: new Date(row.expiresAt).toISOString(),
        }
      })
    },

    async endSession(id) {
      const row = sessionRows(db).find(one => one.id === id)
      if (row === undefined) return false
      await (await adapter()).deleteSession(row.token)
      await changed()
      return true
    },

    async reset(email) {
      const known = userOf(email)
      if (known === undefined) return null
      const internal = await adapter()
      forgetFactorOf(inside, known.id)
      await internal.updateUser(known.id, { twoFactorEnabled: false })
      await internal.deleteUserSessions(known.id)
      const link = await newLink(inside, known)
      await changed()
      return { person: toPerson(db, userOf(email)!, appRoles), link }
    },

    policy: {
      read: policy.read,
      async keep(whom) {
        await policy.keep(whom)
        await changed()
      },
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

/** Whatever an admin calls a token, it passes for no person. */
const nameOf = (name: string, rights: Rights): string =>
  !isAssistant(rights) ? `token ${name}` : name.startsWith('assistant ') ? name : `assistant ${name}`

async function byToken({ instance }: Auth, { tokens, standing }: Inside, key: string): Promise<Actor | null> {
  const { valid, key: found } = await instance.api.verifyApiKey({ body: { key } })
  if (!valid || found === null) return null
  const own = tokens.find(found.id)
  const rights = own === null ? null : standing(own)
  return (
    rights && {
      id: `token:${found.id}`,
      name: nameOf(String(found.name), rights),
      email: null,
      session: null,
      factor: null,
      ...rights,
    }
  )
}
