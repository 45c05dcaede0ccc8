import { isIP } from 'node:net'
import { type Order as AcmeOrder, type Authorization, crypto } from 'acme-client'
import { list } from '../../kernel/words.ts'
import type {
  Account,
  Authorities,
  Issued,
  Order,
  Ordering,
  Proof,
} from '../../reach/certificates/authority.ts'
import type { Problem } from '../../reach/certificates/certificate.ts'
import { type Asking, clientFor, guarded } from './client.ts'
import { isProblem, refused, unproven } from './problem.ts'
import { renewalOf, replacing } from './renewal.ts'

/** Authorities that speak ACME (RFC 8555), by acme-client, in this process. */
export const direct = (): Omit<Authorities, 'newKey'> => ({
  issue: (order, ordering) => guarded(order.account.directory, () => issue(order, ordering), ordering.signal),
  caaNames: account =>
    guarded(account.directory, async () => {
      const { client } = clientFor(account)
      const names: unknown = (await client.http.getDirectory()).meta?.['caaIdentities']
      return Array.isArray(names) ? names.map(String) : []
    }),
  renewal: (account, chain) => guarded(account.directory, async () => renewalOf(clientFor(account), chain)),
})

async function issue(order: Order, ordering: Ordering): Promise<Issued> {
  const asking = clientFor(order.account, ordering.signal)
  const { client } = asking
  await signIn(asking, order.account)
  const failed: Record<string, Problem> = {}
  for (;;) {
    const names = order.names.filter(name => failed[name] === undefined)
    if (names.length === 0 || (names.length < order.names.length && !(await ordering.worthwhile(names))))
      throw unproven(failed)
    const placed = await place(asking, { ...order, names }, failed)
    if (placed === null) continue
    const lost = await prove(client, placed, { proof: order.proof, ordering })
    Object.assign(failed, lost)
    if (Object.keys(lost).length > 0) continue
    ordering.say(`the authority has its proof for ${list(names)}`)
    return { chain: await finish(client, placed, { ...order, names }), failed }
  }
}

/** Makes the account, or finds it by its key. */
async function signIn({ client, directory }: Asking, { email }: Account): Promise<void> {
  const { meta } = await client.http.getDirectory()
  if (meta?.['externalAccountRequired'] === true && !client.hasBinding)
    throw refused(directory, {
      type: 'externalAccountRequired',
      detail: 'it issues to its customers alone, and wants to know which of them you are',
      retryAt: null,
      fix: 'write `tls: { account: { kid, key } }` with what it gave you, then `inn deploy`',
    })
  // The library's own way updates an account that is there with the same words, which a strict authority refuses.
  await client.api.createAccount({
    termsOfServiceAgreed: true,
    ...(email === null ? {} : { contact: [`mailto:${email}`] }),
  })
}

/** Places the order. null: the authority refused some of the names, which are in `failed` now. */
async function place(
  { client, directory }: Asking,
  { names, replaces, profile }: Order,
  failed: Record<string, Problem>,
): Promise<AcmeOrder | null> {
  const wish = {
    identifiers: names.map(value => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value })),
    ...(profile === null ? {} : { profile: await knownProfile({ client, directory }, profile) }),
  }
  const replacement = await replacing(client, replaces)
  try {
    return await client.createOrder({ ...wish, ...replacement })
  } catch (error) {
    if (!isProblem(error)) throw error
    // It knows of another certificate in the place of this one, or does not know this one: it is renewed all the same.
    if (replacement.replaces !== undefined && /alreadyReplaced|malformed/.test(error.type))
      return client.createOrder(wish)
    const named = error.subproblems.filter(({ name }) => names.includes(name))
    if (named.length === 0) throw refused(directory, error)
    for (const { name, detail } of named) failed[name] = { reason: detail, looked: false }
    return null
  }
}

/** A profile that the authority offers. One that it does not know it would leave out in silence, or refuse without a word. */
async function knownProfile({ client, directory }: Asking, profile: string): Promise<string> {
  const offered = Object.keys((await client.http.getDirectory()).meta?.['profiles'] ?? {})
  if (offered.includes(profile)) return profile
  throw refused(directory, {
    type: 'unknownProfile',
    detail: `it has no profile ${profile}; ${offered.length === 0 ? 'it has none' : `there are ${list(offered)}`}`,
    retryAt: null,
    fix: 'correct `profile:` under `tls:`, then `inn deploy`',
  })
}

/** Shows the authority a proof for each name that it asks for. Resolves with those that it did not accept. */
async function prove(
  client: Asking['client'],
  order: AcmeOrder,
  { proof, ordering }: { proof: Proof['kind']; ordering: Ordering },
): Promise<Record<string, Problem>> {
  const asked = (await client.getAuthorizations(order)).filter(one => one.status !== 'valid')
  // Two proofs may stand in records of one name (`a.b` and `*.a.b`), so none is taken back while another is looked at.
  const shown: Proof[] = []
  try {
    const all = await Promise.all(
      asked.map(async (authorization): Promise<Array<[string, Problem]>> => {
        const problem = await proveOne(client, authorization, { proof, ordering, shown })
        return problem === null ? [] : [[nameOf(authorization), problem]]
      }),
    )
    return Object.fromEntries(all.flat())
  } finally {
    await Promise.all(shown.map(one => ordering.hide(one)))
  }
}

const nameOf = ({ identifier, wildcard = false }: Authorization): string =>
  wildcard ? `*.${identifier.value}` : identifier.value

interface Proving {
  proof: Proof['kind']
  ordering: Ordering
  /** Proofs that have to be taken back. */
  shown: Proof[]
}

/** Why a name was not accepted; null: it was. */
async function proveOne(
  client: Asking['client'],
  authorization: Authorization,
  { proof: kind, ordering, shown }: Proving,
): Promise<Problem | null> {
  const challenge = authorization.challenges.find(({ type }) => type === `${kind}-01`)
  if (challenge === undefined)
    return { reason: `the authority takes no proof by ${kind.toUpperCase()} for this name`, looked: false }
  const text = await client.getChallengeKeyAuthorization(challenge)
  const proof: Proof =
    kind === 'http'
      ? { kind, token: challenge.token, text }
      : { kind, record: `_acme-challenge.${authorization.identifier.value}`, value: text }
  shown.push(proof)
  const unseen = await ordering.show(proof)
  if (unseen !== null) return { reason: unseen, looked: true }
  try {
    await client.completeChallenge(challenge)
    await client.waitForValidStatus(authorization)
    return null
  } catch (error) {
    ordering.signal.throwIfAborted()
    const { data } = await client.api.getAuthorization(authorization.url)
    // A network that failed meanwhile says nothing of the name.
    if (data.status !== 'invalid') throw error
    const told = data.challenges.find(one => one.error !== undefined)?.error
    const reason = told?.detail ?? 'the authority did not accept the proof, and does not say why'
    return { reason, looked: false }
  }
}

async function finish(client: Asking['client'], order: AcmeOrder, { names, key }: Order): Promise<string> {
  const [, csr] = await crypto.createCsr({ altNames: [...names] }, key)
  return client.getCertificate(await client.finalizeOrder(order, csr))
}
