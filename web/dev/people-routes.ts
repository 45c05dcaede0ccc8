import { z } from 'zod'
import { AuditEntry, AuditQuery } from '../../server/src/reach/audit/wire.ts'
import {
  CodesAnswer,
  Done,
  FactorAnswer,
  Factors,
  type Me,
  Person,
  PersonAnswer,
  PersonRemoved,
  PersonRequest,
  Policy,
  SessionView,
  Token,
  TokenAnswer,
  TokenRequest,
} from '../../server/src/reach/people/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler, letIn } from './call.ts'
import { passkeyRoutes, passkeys } from './passkey-routes.ts'
import { audit, PASSWORD, people, status, tokens } from './world.ts'

/** Any of them opens the door, to whoever is invited. */
const passwords = new Set([PASSWORD])

function invite(call: Call) {
  const wanted = PersonRequest.parse(call.body)
  const known = people.find(person => person.email === wanted.email)
  const person: Person = known ?? {
    id: `p${people.length + 1}`,
    email: wanted.email,
    name: wanted.name ?? wanted.email,
    role: 'operator',
    apps: {},
    secondFactor: { codes: false, passkeys: 0 },
    createdAt: ago(0),
  }
  if (wanted.role !== undefined || wanted.apps !== undefined)
    Object.assign(person, { role: wanted.role ?? null, apps: wanted.apps ?? {} })
  if (known === undefined) people.push(person)
  const query = new URLSearchParams({ token: 'V5qHn0t2Xw8pLr3c', email: person.email })
  answer(call, PersonAnswer, { person, link: `${status.keeper.url}/welcome?${query}`, ended: [] })
}

function removePerson(call: Call) {
  const email = decodeURIComponent(call.params[0]!)
  people.splice(
    people.findIndex(person => person.email === email),
    1,
  )
  answer(call, PersonRemoved, { removed: true, ended: [] })
}

function auditPage(call: Call) {
  const {
    app,
    actor = '',
    before = Number.POSITIVE_INFINITY,
    limit,
  } = AuditQuery.parse(Object.fromEntries(call.url.searchParams))
  const wanted = audit.filter(
    entry => (app === undefined || entry.app === app) && entry.actor.includes(actor) && entry.id < before,
  )
  answer(call, z.array(AuditEntry), wanted.slice(0, limit))
}

function makeToken(call: Call) {
  const { name, role, apps, verbs, expiresInDays } = TokenRequest.parse(call.body)
  const token = {
    id: `t${Date.now()}`,
    name,
    role,
    apps,
    verbs,
    madeBy: people[0]!.name,
    start: 'inn_3Zx',
    createdAt: ago(0),
    expiresAt: ago(-expiresInDays * 86_400),
    usedAt: null,
  }
  tokens.push(token)
  answer(call, TokenAnswer, { token, secret: 'inn_3Zx9Qd0mW7sKfB1uTnYc5hLgR2eP8aVo' })
}

function signIn(call: Call) {
  const { email, password } = z.object({ email: z.string(), password: z.string() }).parse(call.body)
  if (!people.some(person => person.email === email) || !passwords.has(password)) {
    return void call.res
      .writeHead(401, { 'content-type': 'application/json' })
      .end('{"message":"Invalid email or password","code":"INVALID_EMAIL_OR_PASSWORD"}')
  }
  letIn(call)
}

/** Whether the person who is signed in has a second factor, and of whom it is asked. */
const own: { factor: Me['factor']; policy: Policy } = { factor: 'off', policy: { secondFactor: 'nobody' } }
export const factorNow = () => own.factor
const CODES = Array.from({ length: 10 }, (_, n) => `k3Tz${n}-Qw8eR`)
const sessions: SessionView[] = [
  {
    ...{ id: 's1', email: 'ada@example.com', own: true, address: null },
    device:
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36',
    ...{ since: ago(3_600), usedAt: ago(0), expiresAt: ago(-6 * 86_400) },
  },
  {
    ...{ id: 's2', email: 'ben@example.com', own: false, address: '198.51.100.7' },
    device:
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604.1',
    ...{ since: ago(2 * 86_400), usedAt: ago(600), expiresAt: ago(-5 * 86_400) },
  },
]
const setFactor = (factor: Me['factor']) => (call: Call) => {
  own.factor = factor
  answer(call, Done, { done: true })
}

const factorRoutes: ReadonlyArray<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/me\/second-factor$/,
    call => answer(call, Factors, { codes: own.factor === 'on', passkeys }),
  ],
  [
    'POST',
    /^\/api\/me\/second-factor$/,
    call =>
      answer(call, FactorAnswer, {
        uri: 'otpauth://totp/Innkeeper:ada@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Innkeeper',
        codes: CODES,
      }),
  ],
  ['POST', /^\/api\/me\/second-factor\/confirm$/, setFactor('on')],
  ['POST', /^\/api\/me\/second-factor\/off$/, setFactor('off')],
  ['POST', /^\/api\/me\/second-factor\/codes$/, call => answer(call, CodesAnswer, { codes: CODES })],
  ['GET', /^\/api\/sessions$/, call => answer(call, z.array(SessionView), sessions)],
  [
    'DELETE',
    /^\/api\/sessions\/([^/]+)$/,
    call => {
      sessions.splice(
        sessions.findIndex(one => one.id === call.params[0]),
        1,
      )
      answer(call, Done, { done: true })
    },
  ],
  ['GET', /^\/api\/people\/policy$/, call => answer(call, Policy, own.policy)],
  [
    'POST',
    /^\/api\/people\/policy$/,
    call => {
      own.policy = Policy.parse(call.body)
      answer(call, Policy, own.policy)
    },
  ],
]

export const peopleRoutes: ReadonlyArray<[string, RegExp, Handler]> = [
  ...factorRoutes,
  ...passkeyRoutes,
  ['POST', /^\/api\/auth\/sign-in\/email$/, signIn],
  [
    'POST',
    /^\/api\/auth\/reset-password$/,
    call => {
      passwords.add(String((call.body as { newPassword: unknown }).newPassword))
      answer(call, z.unknown(), {})
    },
  ],
  ['GET', /^\/api\/people$/, call => answer(call, z.array(Person), people)],
  ['POST', /^\/api\/people$/, invite],
  ['DELETE', /^\/api\/people\/([^/]+)$/, removePerson],
  ['GET', /^\/api\/tokens$/, call => answer(call, z.array(Token), tokens)],
  ['POST', /^\/api\/tokens$/, makeToken],
  [
    'DELETE',
    /^\/api\/tokens\/([^/]+)$/,
    call => {
      tokens.splice(
        tokens.findIndex(token => token.id === call.params[0]),
        1,
      )
      call.res.writeHead(204).end()
    },
  ],
  ['GET', /^\/api\/audit$/, auditPage],
]
