import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import type { Door } from '../../server/src/api/access.ts'
import { allDoors } from '../kit/doors.ts'
import { makeToken, member } from '../kit/people.ts'
import { makeServer, type Server } from '../kit/server.ts'

/** Mounted, and not in the document: what the document is, and the dashboard's files. A new one is a decision. */
const HIDDEN: Record<string, string> = {
  'GET /api/openapi.json': 'viewer',
  'GET /assets/*': 'public',
}
const ROLES = ['viewer', 'operator', 'admin'] as const

/** What a caller's rights come to on one door: `expected` asks, by role. */
interface Caller {
  headers: Record<string, string>
  /** null: nobody. */
  role: (typeof ROLES)[number] | null
  /** The only app in which it has it; null: all of them. */
  app: string | null
  /** What it is held to; null: nothing. */
  verbs: readonly string[] | null
}

let server: Server
let url: string
let doors: readonly Door[]
/** Who knocks, by what they send. */
let callers: Record<string, Caller>

before(async () => {
  server = await makeServer()
  url = (await server.status()).keeper.url
  doors = await allDoors()
  const gone = await member(server, url, 'gone@example.com', 'admin')
  const removed = await makeToken(server, 'removed', 'admin')
  const expired = await makeToken(server, 'expired', 'admin')
  const nobody = (headers: Record<string, string>): Caller => ({
    headers,
    role: null,
    app: null,
    verbs: null,
  })
  callers = {
    nobody: nobody({}),
    'a made-up token': nobody({ authorization: 'Bearer inn_abcdefghijklmnopqrstuvwxyz' }),
    'a made-up cookie': nobody({ cookie: 'innkeeper.session_token=abc.def' }),
    'a removed admin': nobody(gone),
    "an admin's removed token": nobody(removed.headers),
    "an admin's expired token": nobody(expired.headers),
  }
  for (const role of ROLES) {
    const person = await member(server, url, `${role}@example.com`, role)
    callers[`a person who is ${role}`] = { headers: person, role, app: null, verbs: null }
    const { headers } = await makeToken(server, role, role)
    callers[`a token that is ${role}`] = { headers, role, app: null, verbs: null }
  }
  await narrowCallers()
  await server.inn(['people', 'remove', 'gone@example.com'])
  await server.inn(['token', 'remove', 'removed'])
  expire(expired.id)
})

after(() => server?.remove())

/** Whoever may something in one app alone, or one thing alone. The path of an app asks about the app `nothing`. */
async function narrowCallers(): Promise<void> {
  for (const app of ['nothing', 'nothing@staging', 'other'])
    for (const [role, kind] of [
      ['viewer', 'person'],
      ['admin', 'token'],
    ] as const) {
      const name = `${role}.${app.replace('@', '.')}@example.com`
      const headers =
        kind === 'person'
          ? await member(server, url, name, 'none', '--app', `${app}=${role}`)
          : (await makeToken(server, name, role, '--app', app)).headers
      callers[`a ${kind} who is ${role} of ${app} alone`] = { headers, role, app, verbs: null }
    }
  for (const verb of ['deploy', 'read']) {
    const { headers } = await makeToken(server, verb, 'admin', '--may', verb)
    callers[`a token of an admin for ${verb} alone`] = { headers, role: 'admin', app: null, verbs: [verb] }
  }
  for (const role of ['viewer', 'admin']) {
    const verbs = ['read', 'propose']
    const { headers } = await makeToken(
      server,
      `assistant of ${role}`,
      role,
      ...verbs.flatMap(verb => ['--may', verb]),
    )
    callers[`a token of the assistant of a ${role}`] = {
      headers,
      role: role as 'viewer' | 'admin',
      app: null,
      verbs,
    }
  }
}

function expire(key: string): void {
  const db = new DatabaseSync(join(server.home, 'keeper.db'), { timeout: 5_000 })
  const { changes } = db
    .prepare('update apikey set expiresAt = ? where id = ?')
    .run('2020-01-01T00:00:00.000Z', key)
  db.close()
  assert.equal(changes, 1)
}

interface Knock {
  method: string
  path: string
  headers?: Record<string, string>
}

/** Sends the path as it stands: fetch would tidy it first. What a route would do is never begun: its body is broken. */
async function knock({
  method,
  path,
  headers = {},
}: Knock): Promise<{ status: number; code: string | null }> {
  const changes = method !== 'GET' && method !== 'HEAD'
  const request = httpRequest(url, {
    method,
    path,
    agent: false,
    headers: {
      ...headers,
      ...(changes ? { 'content-type': 'application/json', 'content-length': '8' } : {}),
    },
    signal: AbortSignal.timeout(10_000),
  })
  request.end(changes ? '{ broken' : undefined)
  try {
    const [answer] = (await once(request, 'response')) as [IncomingMessage]
    const streams = answer.headers['content-type']?.startsWith('text/event-stream')
    let text = ''
    if (!streams) for await (const chunk of answer.setEncoding('utf8')) text += chunk
    return { status: answer.statusCode!, code: /"code":"([^"]+)"/.exec(text)?.[1] ?? null }
  } catch (error) {
    return { status: 0, code: String(error) }
  } finally {
    request.destroy()
  }
}

const SAMPLES: Record<string, string> = {
  ':digest': 'a'.repeat(64),
  ':email': 'nobody-of-that-name@example.com',
}
const pathOf = (template: string): string =>
  template.replaceAll(/:\w+/g, name => SAMPLES[name] ?? 'nothing').replace('*', 'nothing')

const named = ({ method, url: path }: Door): string => `${method} ${path}`

async function documented(): Promise<Record<string, string>> {
  const found = await fetch(`${url}/api/openapi.json`, {
    headers: callers['a token that is viewer']!.headers,
  })
  const { paths } = (await found.json()) as {
    paths: Record<string, Record<string, { 'x-permission': string }>>
  }
  return Object.fromEntries(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [
        `${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`,
        operation['x-permission'],
      ]),
    ),
  )
}

test('what is mounted is what the document lists with its permission, but for a named few', async () => {
  const mounted = Object.fromEntries(
    doors.filter(door => door.method !== 'HEAD').map(door => [named(door), door.permission]),
  )
  assert.ok(Object.keys(mounted).length > 40)
  assert.deepEqual(sorted(mounted), sorted({ ...(await documented()), ...HIDDEN }))
  // Fastify adds HEAD to each GET: with the same guard.
  for (const door of doors.filter(d => d.method === 'HEAD'))
    assert.equal(door.permission, mounted[`GET ${door.url}`], named(door))
})

const sorted = (record: Record<string, string>) =>
  Object.entries(record).sort(([a], [b]) => a.localeCompare(b))

/** Prometheus is no person and has a token of its own; besides, the token of an operator opens this, and no cookie. */
const OWN_KEY: Record<string, (typeof ROLES)[number]> = { 'POST /api/v2/alerts': 'operator' }

/** What a door answers a caller, by what the door declares. */
function expected(door: Door, caller: string): 'in' | 401 | 403 {
  const { role, app, verbs } = callers[caller]!
  const own = OWN_KEY[named(door)]
  const permission = own ?? door.permission
  if (permission === 'public') return 'in'
  if (role === null || permission === 'watcher' || (own !== undefined && !caller.startsWith('a token')))
    return 401
  if (ROLES.indexOf(role) < ROLES.indexOf(permission)) return 403
  const about = door.url.includes(':app') ? 'nothing' : null
  if (app !== null && !door.sorts && app !== about) return 403
  if (verbs === null || verbs.includes(String(door.verb))) return 'in'
  // An assistant looks at things, and asks for what it may ask for.
  const changes = door.method !== 'GET' && door.method !== 'HEAD'
  if (verbs.includes('propose') && changes) return door.proposal ? 'in' : 403
  return door.verb === 'any' ? 'in' : 403
}

test('nobody is let in but whom the permission names, on every route, with every kind of key', async () => {
  const wrong: string[] = []
  for (const door of doors) {
    const knocks = Object.entries(callers).map(async ([caller, { headers }]) => {
      const { status, code } = await knock({ method: door.method, path: pathOf(door.url), headers })
      const wanted = expected(door, caller)
      const got =
        status === 401 || status === 403 ? status : status === 0 || status >= 500 ? `broken: ${status}` : 'in'
      if (got !== wanted) wrong.push(`${named(door)} by ${caller}: ${got} ${code}, expected ${wanted}`)
    })
    await Promise.all(knocks)
  }
  assert.deepEqual(wrong, [])
})

/** The sign-in library and its plugin of API keys have these, and more. */
const LIBRARY = [
  'api-key/create',
  'api-key/update',
  'api-key/delete',
  'api-key/list',
  'api-key/get',
  'api-key/verify',
  'sign-up/email',
  'sign-in/social',
  'change-email',
  'change-password',
  'set-password',
  'update-user',
  'update-session',
  'delete-user',
  'delete-user/callback',
  'get-session',
  'list-sessions',
  'revoke-session',
  'revoke-sessions',
  'revoke-other-sessions',
  'request-password-reset',
  'forget-password',
  'reset-password/some-token',
  'send-verification-email',
  'verify-email',
  'verify-password',
  'link-social',
  'unlink-account',
  'list-accounts',
  'account-info',
  'refresh-token',
  'get-access-token',
  'callback/github',
  'two-factor/enable',
  'two-factor/disable',
  'two-factor/generate-backup-codes',
  'two-factor/get-totp-uri',
  'two-factor/send-otp',
  'two-factor/verify-otp',
  'two-factor/view-backup-codes',
  'totp/generate',
  'passkey/generate-register-options',
  'passkey/verify-registration',
  'passkey/list-user-passkeys',
  'passkey/delete-passkey',
  'passkey/update-passkey',
  'error',
  'ok',
]

/** Ways to write a path, that some part on the way might read as the path itself. */
const disguises = (path: string): string[] => [
  `/api/auth/${path}`,
  `/api/auth/${path}/`,
  `//api/auth/${path}`,
  `/api//auth/${path}`,
  `/api/auth//${path}`,
  `/api/auth/./${path}`,
  `/api/auth/sign-out/../${path}`,
  `/api/auth/sign-out/%2e%2e/${path}`,
  `/api/auth/sign-in/email/../../${path}`,
  `/api/auth/%2e/${path}`,
  `/api/auth%2f${path.replaceAll('/', '%2f')}`,
  `/api/auth/${path.replaceAll('/', '%2F')}`,
  `/api/auth/${path.replaceAll('/', '\\')}`,
  `/api/auth/%${path.charCodeAt(0).toString(16)}${path.slice(1)}`,
  `/api/%61uth/${path}`,
  `/API/AUTH/${path.toUpperCase()}`,
  `/api/Auth/${path}`,
  `/api/auth/${path}?x=1`,
  `/api/auth/${path};x=1`,
  `/api/auth/sign-out?/../${path}`,
  `/api/auth/sign-out;/../${path}`,
  `http://127.0.0.1/api/auth/${path}`,
]

test('the sign-in library answers nobody but by its named routes, however the path is written', async () => {
  const signedIn = callers['a person who is admin']!.headers
  const reached: string[] = []
  for (const endpoint of LIBRARY) {
    for (const path of disguises(endpoint)) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const answer = await knock({ method, path, headers: signedIn })
        // A query is no path: what stands before it is the sign-out, with a body that cannot be read.
        const signsOut = method === 'POST' && path.startsWith('/api/auth/sign-out?') && answer.status === 400
        const refused =
          [400, 404, 415].includes(answer.status) && /^(route\.unknown|request\.)/.test(answer.code ?? '')
        if (!refused && !signsOut) reached.push(`${method} ${path}: ${answer.status} ${answer.code}`)
      }
    }
  }
  assert.deepEqual(reached, [])
})

test('a page of another site, or of none, changes nothing with a cookie', async () => {
  const { cookie } = callers['a person who is admin']!.headers
  for (const origin of [
    'null',
    'https://evil.example',
    'http://',
    'not a url',
    'file://',
    `${url}.evil.example`,
    undefined,
  ]) {
    for (const path of [
      '/api/tokens',
      '/api/auth/sign-out',
      '/api/auth/sign-in/email',
      '/api/auth/reset-password',
      '/api/auth/two-factor/verify-totp',
      '/api/auth/passkey/generate-authenticate-options',
      '/api/auth/passkey/verify-authentication',
      '/api/me/second-factor/off',
      '/api/me/passkeys/options',
      '/api/me/passkeys',
    ]) {
      // Without one, the library decides by what else the browser sends.
      if (origin === undefined && path.startsWith('/api/auth')) continue
      const answer = await fetch(url + path, {
        method: 'POST',
        headers: {
          cookie: cookie!,
          'content-type': 'application/json',
          ...(origin === undefined ? {} : { origin }),
        },
        body: JSON.stringify({
          name: 'evil',
          email: 'viewer@example.com',
          password: 'x',
          token: 'x',
          newPassword: 'x',
        }),
      })
      const { failure } = (await answer.json()) as { failure?: { code: string; fix: string } }
      assert.deepEqual([answer.status, failure?.code], [403, 'access.origin'], `${origin} ${path}`)
    }
  }
  // Another scheme than a token's is no token: the cookie decides, and the page must be ours.
  const basic = await fetch(`${url}/api/tokens`, {
    method: 'POST',
    headers: { cookie: cookie!, authorization: 'Basic eDp5', 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'evil' }),
  })
  assert.equal(basic.status, 403)
})
