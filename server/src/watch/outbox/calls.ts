import type { AppAnswer, AppCall } from '../../apps/app/socket.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Outbox } from './outbox.ts'
import { viewOf } from './view.ts'

/** What may go well later without a change: the SDK tries these again by itself. */
const LATER: Readonly<Record<string, number>> = {
  'outbox.down': 503,
  'outbox.full': 429,
  'outbox.spent': 429,
  'disk.full': 503,
  'template.slow': 422,
}
const STATUS: Readonly<Record<string, number>> = {
  ...LATER,
  'outbox.token': 401,
  'outbox.not-granted': 403,
  'outbox.unknown': 404,
  'outbox.key': 409,
  'outbox.too-late': 409,
  'socket.unknown': 404,
}

interface CallPorts {
  outbox: Outbox
  /** Whether a token is that of the app. Takes as long for every wrong one. */
  isToken(token: string): boolean
}

/** Answers what an app asks about its messages. It sees its own alone. */
export const outboxCalls =
  (app: string, { outbox, isToken }: CallPorts) =>
  async (call: AppCall): Promise<AppAnswer> => {
    try {
      if (call.token === null || !isToken(call.token)) throw wrongToken()
      return { status: 200, body: await answer(app, outbox, call) }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      return { status: STATUS[error.code] ?? 422, body: { failure: error.toJSON() } }
    }
  }

const ONE = /^\/v1\/messages\/(m\w{1,40})$/

async function answer(app: string, outbox: Outbox, { method, path, query, body }: AppCall): Promise<object> {
  if (method === 'POST' && path === '/v1/messages') return outbox.send(app, body)
  const [, id] = ONE.exec(path) ?? []
  const key = path === '/v1/messages' ? query.get('key') : null
  if (id === undefined && key === null) throw noSuchCall(method, path)
  const row = id === undefined ? await outbox.byKey(app, key!) : await outbox.find(app, id)
  if (method === 'GET') return viewOf(row, { store: outbox.store, mayRead: true })
  if (method === 'DELETE') return viewOf(await outbox.cancel(row), { store: outbox.store, mayRead: true })
  throw noSuchCall(method, path)
}

const noSuchCall = (method: string, path: string): Failure =>
  new Failure('socket.unknown', `there is no ${method} ${path.slice(0, 80)}`, {
    why: 'the keeper has no such call',
    fix: 'docs/messages.md has all of them',
  })

const wrongToken = (): Failure =>
  new Failure('outbox.token', 'the keeper does not know who asks', {
    why: 'the call has another token than INNKEEPER_APP_TOKEN of this app, or none',
    fix: 'use @innkeeper/sdk in a process of the app, or send Authorization: Bearer with that token',
  })
