import { chmod } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Failure, type FailureJson } from '../kernel/failure.ts'
import { createServer } from '../kernel/http.ts'
import { list } from '../kernel/words.ts'
import {
  type Actor,
  type Admission,
  type Asked,
  entryOf,
  isAssistant,
  mayAnywhere,
  mayIn,
  reachOf,
} from './actor.ts'
import type { Role, Verb } from './wire.ts'

/**
 * The role that a route needs. `public`: for everybody, such as signing in and the dashboard's own files. `watcher`: for
 * Prometheus alone, which is no person and may do nothing else.
 */
export type Permission = Role | 'public' | 'watcher'

/** What a route says of itself. */
export interface Declared {
  permission?: Permission
  /**
   * The route itself asks for each app whether its caller may (`permits`, `demand`, `reach`): its answer is about several
   * apps, or its app does not stand in the path. Other routes are about the app of their path, and those without one
   * take the role in all apps.
   */
  sorts?: true
  /** For tokens that are held to verbs. Left out: `read` where a viewer looks at something, and otherwise none of them gets in. */
  verb?: Verb | 'any'
  /** An assistant may ask for it. The route begins nothing but by `answer` (api/begin.ts), which keeps its plan for a person. */
  proposal?: true
  /** An app that sleeps is woken before, unless only the plan is asked for, and stays awake until the answer has ended. */
  wakes?: true
  /** Open before the second factor that is asked for. `owed`: to who has none yet; `any`: also to who has not shown theirs. */
  beforeFactor?: 'owed' | 'any'
}

/** A route that was really mounted, by us or by a library. */
export interface Door {
  method: string
  url: string
  permission: Permission
  sorts: boolean
  /** null: no token that is held to verbs gets in. */
  verb: Verb | 'any' | null
  proposal: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    doors: readonly Door[]
  }
  interface FastifyContextConfig extends Declared {}
  interface FastifyRequest {
    actor: Actor
    /** It asks for a plan that a person must approve, whatever the plan itself says. */
    proposes: boolean
    /** Checks again that the actor still has the right, and throws when not. For work that takes a while. */
    admitted(): Promise<void>
    /** Whether the actor has the route's role in this app; null: for what is of no app, or of several. */
    permits(app: string | null): boolean
    /** Throws where `permits` says no. */
    demand(app: string | null): void
    /** The apps in which the actor has the route's role; null: all, and what is of none. */
    reach(): readonly string[] | null
  }
}

/** Whether a header of this value carries the token of Prometheus. */
export type Watcher = (authorization: string | undefined) => Promise<boolean>

const NO_PERSON = { session: null, factor: null } as const
const NOBODY: Actor = {
  id: null,
  name: 'nobody',
  email: null,
  ...NO_PERSON,
  role: null,
  apps: {},
  verbs: null,
}

/** Requests that came through the unix socket. Its file mode decides who may connect, and the caller names itself for the audit log. */
const trusted = new WeakSet<IncomingMessage>()

/** Whoever sends a token there wants to be no more than it. */
const isTrusted = ({ raw, headers }: FastifyRequest): boolean =>
  trusted.has(raw) && headers.authorization === undefined

/** Serves the same routes on a unix socket. Until the mode of the socket is set, only the owner can enter its folder. */
export async function listenTrusted(app: FastifyInstance, path: string): Promise<void> {
  const server = createServer((request, response) => {
    trusted.add(request)
    app.routing(request, response)
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  await chmod(path, 0o600)
}

/** Checks the permission of each request before its body is read. A route without a permission keeps the server from starting. */
export function guard(app: FastifyInstance, people: Admission, isWatcher: Watcher = async () => false): void {
  const doors: Door[] = []
  app.decorate('doors', { getter: () => doors })
  app.addHook('onRoute', route => {
    const { permission, sorts = false, proposal = false } = route.config ?? {}
    if (permission === undefined) throw new Error(`${route.method} ${route.url} names no permission`)
    for (const method of [route.method].flat())
      doors.push({
        ...{ method, url: route.url, permission, sorts, proposal },
        verb: verbOf(method, route.config!),
      })
  })
  decorateRights(app)
  app.decorateRequest('actor', null as unknown as Actor)
  app.decorateRequest('proposes', false)
  app.decorateRequest('admitted', async function (this: FastifyRequest) {
    const needed = this.routeOptions.config.permission
    if (needed === undefined || needed === 'public' || isTrusted(this)) return
    if (needed === 'watcher') {
      if (await isWatcher(this.headers.authorization)) return
      throw unknown()
    }
    if (!people.any() && !trusted.has(this.raw)) throw closed()
    const actor = await people.identify(headersOf(this))
    if (actor === null) throw unknown()
    this.actor = actor
    this.proposes = entered(this, actor, needed) === 'proposal'
  })
  app.addHook('onRequest', async request => {
    if (isTrusted(request)) {
      request.actor = {
        id: null,
        name: callerOf(request),
        email: null,
        ...NO_PERSON,
        role: 'admin',
        apps: {},
        verbs: null,
      }
      return
    }
    request.actor = NOBODY
    await request.admitted()
    // NOBODY: the route is unknown or public, so no cookie was used and no origin matters.
    if (request.actor !== NOBODY) checkOrigin(request)
  })
  // Checked again, because the body may have arrived slowly and its sender may have lost the right meanwhile.
  app.addHook('preHandler', async request => {
    if (changes(request)) await request.admitted()
  })
}

/** What a route may ask of its caller's rights. The route's own permission is what is asked for. */
function decorateRights(app: FastifyInstance): void {
  const neededBy = ({ routeOptions: { config, url } }: FastifyRequest): Role => {
    const { permission } = config
    if (permission === undefined || permission === 'public' || permission === 'watcher')
      throw new Error(`${url} is for no person`)
    return permission
  }
  app.decorateRequest('permits', function (this: FastifyRequest, of: string | null) {
    return mayIn(this.actor, neededBy(this), of)
  })
  app.decorateRequest('demand', function (this: FastifyRequest, of: string | null) {
    if (!mayIn(this.actor, neededBy(this), of)) throw forbidden(this.actor, neededBy(this), of)
  })
  app.decorateRequest('reach', function (this: FastifyRequest) {
    return reachOf(this.actor, neededBy(this))
  })
}

/** How an actor is let in. Throws when they have not the rights that the route of a request takes. */
function entered(request: FastifyRequest, actor: Actor, needed: Role): 'whole' | 'proposal' {
  const { method, params } = request
  const { config } = request.routeOptions
  const { app = null } = (params ?? {}) as { app?: string }
  const admitted = config.sorts ? mayAnywhere(actor, needed) : mayIn(actor, needed, app)
  if (!admitted) throw forbidden(actor, needed, app)
  if (actor.factor === 'owed' && config.beforeFactor === undefined) throw owed()
  if (actor.factor === 'passkey' && config.beforeFactor !== 'any') throw unshown()
  const { proposal = false } = config
  const asked: Asked = { verb: verbOf(method, config), proposal, changes: changes(request) }
  const entry = entryOf(actor, asked)
  if (entry === null) throw held(actor)
  return entry
}

const verbOf = (method: string, { permission, verb }: Declared): Verb | 'any' | null =>
  verb ?? (permission === 'viewer' && (method === 'GET' || method === 'HEAD') ? 'read' : null)

const changes = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'HEAD'

const callerOf = (request: FastifyRequest): string =>
  String(request.headers['x-innkeeper-actor'] ?? 'root').slice(0, 64)

const headersOf = (request: FastifyRequest): Headers =>
  new Headers(
    Object.entries(request.headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  )

/** Prevents cross-site request forgery: a page of another site must not change anything with this browser's cookie. */
function checkOrigin(request: FastifyRequest): void {
  // A token or a pass is excepted, because no browser sends one by itself.
  const sent = request.headers.authorization !== undefined && request.actor.session === null
  if (!changes(request) || sent) return
  if (request.headers.origin === undefined || !fromHere(request)) throw fromElsewhere(request)
}

/** Whether a request comes from a page of this host, or from no page. A page without a site, e.g. in a sandboxed frame, has the origin `null`. */
export function fromHere({ headers: { origin }, host }: FastifyRequest): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)
}

export const fromElsewhere = ({ headers: { origin }, host }: FastifyRequest): Failure =>
  new Failure('access.origin', 'the request came from another site', {
    why: `its Origin is ${origin ?? 'missing'}, and this is ${host}`,
    fix: 'use the dashboard, or a token',
  })

export const closed = (): Failure =>
  new Failure('access.closed', 'nobody may sign in yet', {
    why: 'no person was added',
    fix: 'on the server: `inn people add you@example.com`',
  })

const unknown = (): Failure =>
  new Failure('access.unknown', 'you are not signed in', {
    why: 'the request carries no valid session or token',
    fix: 'sign in, or send Authorization: Bearer TOKEN',
  })

export function forbidden({ name, role, apps }: Actor, needed: Role, app: string | null = null): Failure {
  const own = (app !== null && Object.hasOwn(apps, app) ? apps[app] : null) ?? role
  const where = role === null ? (app === null ? ' in all apps' : ` in ${app}`) : ''
  return new Failure('access.forbidden', `${name} may not do this`, {
    why: `it takes the role ${needed}${where}, and ${name} ${own === null ? 'has none there' : `is ${own}`}`,
    fix:
      role === null
        ? 'ask an admin: `inn people add EMAIL --app APP=ROLE`'
        : 'ask an admin: `inn people add EMAIL --role …`',
  })
}

const owed = (): Failure =>
  new Failure('access.second-factor', 'a second factor is asked of you here', {
    why: 'an admin has decided so (`inn people require`), and you have none yet',
    fix: 'open the dashboard: it leads you there',
  })

const unshown = (): Failure =>
  new Failure('access.passkey', 'your passkey is asked of you here', {
    why: 'an admin has decided so (`inn people require`), and this session was opened with the password alone',
    fix: 'open the dashboard, by the name at which the passkey was added, and sign in with it',
  })

export const held = ({ name, verbs }: Pick<Actor, 'name' | 'verbs'>): Failure =>
  new Failure('access.forbidden', `${name} may not do this`, {
    why: `it is held to ${list(verbs ?? [])}`,
    fix: isAssistant({ verbs })
      ? 'a person does it, with the command or in the dashboard'
      : '`inn token add NAME` makes another one; `--may` says what a token is for',
  })

/** A failure as somebody hears it: which other apps there are is for whoever may see all of them. */
export const toldTo = ({ role, apps }: Actor, failure: FailureJson): FailureJson =>
  failure.code === 'app.unknown' && role === null && Object.keys(apps).length > 0
    ? { ...failure, fix: 'deploy it, or ask an admin what it is called' }
    : failure

/** HTTP status for a failure's code. Codes that are not listed mean that the caller must change something: 422. */
export function statusOf(code: string): number {
  const known: Record<string, number> = {
    'access.closed': 401,
    'access.unknown': 401,
    'access.forbidden': 403,
    'access.origin': 403,
    'access.passkey': 403,
    'access.second-factor': 403,
    'access.server': 403,
    'access.slow': 429,
    'checkin.slow': 429,
    'connection.signature': 403,
    'connection.slow': 429,
    'request.host': 400,
    'run.locked': 409,
    'run.past-return': 409,
    internal: 500,
  }
  return known[code] ?? (code.endsWith('.unknown') ? 404 : code.endsWith('.down') ? 503 : 422)
}
