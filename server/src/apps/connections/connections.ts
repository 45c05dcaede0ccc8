import { appKey, previewEnvironment } from '../../config/app-key.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { iso } from '../../kernel/moments.ts'
import { Secret } from '../../kernel/secret.ts'
import { type CarryPorts, carry, gone, isThere } from './carry.ts'
import { type Headers, readPull } from './payload.ts'
import { apiOf, checkApi, refusal, repositoryAt } from './rule.ts'
import type { Connection, ConnectionStore, Pull } from './store.ts'
import { createTelling, type TellPorts } from './tell.ts'
import type { ConnectionRequest, ConnectionView, HookAnswer, PullView } from './wire.ts'

export interface ConnectionPorts extends Omit<CarryPorts, 'store'>, Omit<TellPorts, 'store'> {
  connectionStore: ConnectionStore
  random(length: number): string
  /** Whether who sent this knows the secret. */
  isSigned(provider: Connection['provider'], secret: Secret, sent: Sent): boolean
  /** Has the edge pass on what providers send. Where an earlier version wrote its configuration it does not know of it. */
  edgeTakes(): Promise<unknown>
  /** A domain of an app, as an address; null: it has none. */
  domainOf(app: string): Promise<string | null>
  log(level: string, msg: string, more?: object): void
}

/** What came, as it came. */
export interface Sent {
  headers: Headers
  body: Buffer
}

export type Connections = ReturnType<typeof createConnections>

/** Where the edge takes what a provider sends (drivers/nginx/conf.ts), without the id. */
export const HOOKS = '/.well-known/innkeeper/hooks/'

/** Letters of the id in the path. Nobody guesses it, so that nobody else makes the keeper read a body. */
export const ID_LETTERS = 24
const SECRET_LETTERS = 40

/** Builds of pull requests that are under way at once. */
const AT_ONCE = 2

/** Repositories elsewhere, whose pull requests become previews. */
export function createConnections(ports: ConnectionPorts) {
  const store = ports.connectionStore
  const work = createWork(ports)
  return {
    async connect(app: string, asked: ConnectionRequest, by: string) {
      const { provider, branches, forks, token } = asked
      const repository = repositoryAt(provider, asked.repository)
      const api = asked.api === null ? apiOf(provider, repository) : checkApi(asked.api)
      if (!isThere(await ports.apps.all(), app)) throw gone(app)
      const hook = new Secret(ports.random(SECRET_LETTERS))
      const added: Connection = {
        ...{ id: ports.random(ID_LETTERS), app, provider, repository: repository.url, api, branches, forks },
        ...{ by, since: ports.clock.now(), hook, token: token === null ? null : new Secret(token) },
      }
      await ports.edgeTakes()
      if (!(await store.add(added))) throw exists(app)
      return { ...(await viewOf(ports, added, [])), secret: hook.reveal() }
    },

    /** `sees`: whether whoever asks may, by the name of an app. */
    async list(sees: (app: string) => boolean): Promise<ConnectionView[]> {
      const [all, pulls] = await Promise.all([store.all(), store.pulls()])
      return Promise.all(all.filter(({ app }) => sees(app)).map(one => viewOf(ports, one, pulls)))
    },

    /** Its previews stay until their time is over. False: there is none. */
    async disconnect(app: string): Promise<boolean> {
      const found = (await store.all()).find(one => one.app === app)
      if (found === undefined) return false
      await store.remove(found.id)
      work.drop(found.id)
      await ports.repositories.forget(app)
      return true
    },

    /** Failure `connection.unknown`. */
    async known(id: string): Promise<Connection> {
      const found = id.length === ID_LETTERS ? await store.find(id) : null
      if (found === null) throw unknown()
      return found
    },

    /** Takes what a provider sent. Failure `connection.signature`: somebody else sent it; nothing of it was read. */
    async receive(connection: Connection, sent: Sent): Promise<HookAnswer> {
      const { id, app, provider, hook, repository, branches, forks } = connection
      if (!ports.isSigned(provider, hook, sent)) throw notSigned()
      const heard = readPull(provider, sent.headers, sent.body.toString('utf8'))
      if ('nothing' in heard) return { took: false, why: NOTHING[heard.nothing] }
      const { event } = heard
      const why = refusal({ ...repositoryAt(provider, repository), branches, forks }, event)
      if (why !== null) return { took: false, why }
      const { number } = event
      const key = appKey({ name: app, environment: previewEnvironment(`pr-${number}`) })
      const digest = ports.digest(sent.body.toString('latin1'))
      const took = await store.note({ connection: id, number, app: key }, event, {
        digest,
        now: ports.clock.now(),
      })
      if (took) work.newer(id, number)
      return { took, why: took ? `${key} follows` : 'it was sent before, or is there already' }
    },

    /** The number of the pull request that a preview is of; null: it is of none. */
    async numberOf(app: string): Promise<number | null> {
      return (await store.pulls()).find(one => one.app === app)?.number ?? null
    },

    /** Goes on with what is not as it is wanted. Called by a timer, and whenever something is new. */
    tick: () => work.tick(),
  }
}

const keyOf = ({ connection, number }: Pick<Pull, 'connection' | 'number'>) => `${connection}/${number}`
const isOpen = ({ state }: Pull): boolean => state === 'building' || state === 'removing'

/** One piece of work for each pull request at a time: what is wanted newly ends what was under way. */
function createWork(ports: ConnectionPorts) {
  const store = ports.connectionStore
  const telling = createTelling({ ...ports, store })
  const hands = new Map<string, AbortController>()
  const failed = (error: unknown) =>
    ports.log('error', 'a pull request is not followed', { error: describe(error) })
  const again = () => void tick().catch(failed)

  async function tick(): Promise<void> {
    const pulls = await store.pulls()
    if (pulls.length === 0) return
    const connections = new Map((await store.all()).map(one => [one.id, one]))
    for (const pull of pulls) {
      const connection = connections.get(pull.connection)
      if (connection === undefined) continue
      // Its time was over, or somebody removed it.
      const lost = pull.state === 'up' && (await ports.apps.find(pull.app)) === null
      if (lost) await store.settle(pull, { state: 'removed', said: null })
      void telling.tell(connection, lost ? { ...pull, state: 'removed' } : pull).catch(failed)
      if (isOpen(pull) && !hands.has(keyOf(pull)) && hands.size < AT_ONCE) begin(connection, pull)
    }
  }

  function begin(connection: Connection, seen: Pull): void {
    const abort = new AbortController()
    hands.set(keyOf(seen), abort)
    const follow = async () => {
      // From here on whatever comes aborts this, so what is read now is not older than that.
      const pull = await store.pull(seen)
      if (pull !== null && isOpen(pull))
        await carry({ ...ports, store }, { connection, pull, signal: abort.signal })
    }
    follow()
      .catch(failed)
      .finally(() => {
        hands.delete(keyOf(seen))
        again()
      })
  }

  return {
    tick,
    newer(connection: string, number: number): void {
      hands.get(keyOf({ connection, number }))?.abort(new Error('something newer is wanted'))
      again()
    },
    drop(connection: string): void {
      for (const [key, abort] of hands)
        if (key.startsWith(`${connection}/`)) abort.abort(new Error('disconnected'))
    },
  }
}

async function viewOf(
  ports: ConnectionPorts,
  one: Connection,
  pulls: readonly Pull[],
): Promise<ConnectionView> {
  const { id, app, provider, repository, api, branches, forks, token, by, since } = one
  const domain = await ports.domainOf(app)
  const path = `${HOOKS}${id}`
  return {
    ...{ app, provider, repository, api, branches, forks, token: token !== null, by, since: iso(since) },
    ...{ path, address: domain === null ? null : `${domain}${path}` },
    pulls: pulls.filter(({ connection }) => connection === id).map(pullView),
  }
}

const pullView = ({ number, app, branch, who, wanted, state, said }: Pull): PullView => ({
  ...{ number, app, branch, who, commit: wanted, state, said },
})

const NOTHING = {
  other: 'it concerns no preview',
  unread: 'the pull request has a form that is not known here',
} as const

const exists = (app: string): Failure =>
  new Failure('connection.exists', `${app} is connected to a repository already`, {
    why: 'an app has one, because its previews are called by the number of the pull request',
    fix: `\`inn preview disconnect ${app}\`, then connect it anew`,
  })

const unknown = (): Failure =>
  new Failure('connection.unknown', 'nothing is connected here', {
    why: 'the address was mistyped, or the repository was disconnected',
    fix: '`inn preview connections` shows the address of each',
  })

const notSigned = (): Failure =>
  new Failure('connection.signature', 'the signature is missing, or wrong', {
    why: 'whoever sent this does not know the secret of this connection',
    fix: 'enter the secret anew; if it is lost: `inn preview disconnect APP`, then connect it anew',
  })
