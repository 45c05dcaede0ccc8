import { hostname } from 'node:os'
import type { People } from '../../reach/people/people.ts'
import type { Passkey } from '../../reach/people/wire.ts'
import type { Inside } from './inside.ts'
import { endPast, forgetFactor, heldBy, passkeyRows, sessionRows, userRows } from './rows.ts'

/** Whether a session has a second factor by a passkey that is still there. */
export function hasShown({ db, passkeyUse }: Inside, session: string): boolean {
  const opener = passkeyUse.openerOf(session)
  return opener !== null && passkeyRows(db).some(row => row.credentialID === opener)
}

/** Passkeys of people, by the library's own routes. */
export function ownPasskeys(inside: Inside): Pick<People, 'factors' | 'passkeys'> {
  const { db, passkeyUse, auth, changed } = inside
  const handle = async (request: Request) => (await auth()).instance.handler(request)
  /** The request itself where the password is right, and otherwise what the library says of it. */
  async function withPassword(request: Request, password: string): Promise<Response> {
    const { instance } = await auth()
    const { headers } = request
    const right = await instance.api.verifyPassword({ body: { password }, headers, asResponse: true })
    return right.ok ? instance.handler(request) : right
  }
  return {
    async factors(email) {
      const user = userRows(db).find(row => row.email === email)!
      return { codes: heldBy(db, user).codes, passkeys: passkeysOf(inside, user.id) }
    },
    passkeys: {
      async begin(request, email, password) {
        endPast(db)
        const url = new URL(request.url)
        // A person with several servers tells them apart by it: through tunnels all of them are localhost.
        url.searchParams.set('name', `${email} (${hostname()})`)
        return withPassword(new Request(url, request), password)
      },
      async add(request, session) {
        const answer = await handle(request)
        // The library calls what it cannot read or believe its own mistake.
        if (answer.status >= 500) return new Response(answer.body, { status: 400, headers: answer.headers })
        if (!answer.ok) return answer
        const { credentialID } = (await answer.clone().json()) as { credentialID: string }
        opens(inside, session, credentialID)
        await changed()
        return answer
      },
      async ask(request) {
        endPast(db)
        return handle(request)
      },
      signIn: request => signIn(inside, request),
      remove: async (request, password, session) => {
        const { id } = (await request.clone().json()) as { id: string }
        const row = passkeyRows(db).find(one => one.id === id)
        const answer = await withPassword(request, password)
        if (!answer.ok || row === undefined) return answer
        await endOpened(inside, row.credentialID, session)
        passkeyUse.forget(row.credentialID)
        await changed()
        return answer
      },
    },
  }
}

async function signIn(inside: Inside, request: Request) {
  const { db, passkeyUse, auth, changed } = inside
  const { response } = (await request.clone().json()) as { response: { id: string } }
  const row = passkeyRows(db).find(one => one.credentialID === response.id)
  const answer = await (await auth()).instance.handler(request)
  if (!answer.ok) return { answer, passkey: null }
  const said = (await answer.clone().json()) as { session: { id: string }; user: { email: string } }
  passkeyUse.used(response.id, Date.now())
  opens(inside, said.session.id, response.id)
  await changed()
  return { answer, passkey: { name: row!.name, email: said.user.email } }
}

const passkeysOf = ({ db, passkeyUse }: Inside, user: string): Passkey[] =>
  passkeyRows(db)
    .filter(row => row.userId === user)
    .map(({ id, name, credentialID, createdAt }) => {
      const { host, usedAt } = passkeyUse.of(credentialID) ?? { host: '', usedAt: null }
      return {
        ...{ id, name, host },
        createdAt: new Date(createdAt).toISOString(),
        usedAt: usedAt === null ? null : new Date(usedAt).toISOString(),
      }
    })

/** Ends the sessions that a passkey opened, but for one: whoever lost a device ends what it has open. */
async function endOpened({ db, passkeyUse, auth }: Inside, credential: string, own: string): Promise<void> {
  const { internalAdapter } = await (await auth()).instance.$context
  for (const { id, token } of sessionRows(db))
    if (passkeyUse.openerOf(id) === credential && id !== own) await internalAdapter.deleteSession(token)
}

function opens({ db, passkeyUse }: Inside, session: string, credential: string): void {
  passkeyUse.keepOnly(sessionRows(db).map(row => row.id))
  passkeyUse.opens(session, credential)
}

/** All that a person has beside the password. */
export function forgetFactorOf({ db, passkeyUse }: Inside, user: string): void {
  const theirs = passkeyRows(db).filter(row => row.userId === user)
  forgetFactor(db, user)
  for (const { credentialID } of theirs) passkeyUse.forget(credentialID)
}
