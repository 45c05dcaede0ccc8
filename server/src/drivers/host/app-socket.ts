import { chmod, lchown, rename, rm } from 'node:fs/promises'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AppAnswer, AppCall, OpenDoor } from '../../apps/app/socket.ts'
import { type Bucket, taken } from '../../kernel/bucket.ts'
import { Failure } from '../../kernel/failure.ts'
import { createServer } from '../../kernel/http.ts'

/** A message with all its variables; a file belongs to an address that it names. */
const MOST_BODY = 256 * 1024
const MOST_CONNECTIONS = 64
/** Calls of one app that are answered at the same time: what it asks for takes from itself. */
const MOST_AT_ONCE = 16
const RATE = { burst: 200, perSecond: 100 }
/** Who is turned away waits for it, so that asking again at once costs the keeper nothing. */
const TURNED_AWAY_MS = 1_000
const HEAD_MS = 5_000
const BODY_MS = 10_000
const IDLE_MS = 10_000

/** Listens at a path for one user. What the app may take of the keeper is bounded here. */
export const openDoor: OpenDoor = async ({ path, account, answer }) => {
  let busy = 0
  let bucket: Bucket | undefined

  async function answered(request: IncomingMessage): Promise<AppAnswer> {
    const left = taken(RATE, bucket, Date.now())
    if (left === null || busy >= MOST_AT_ONCE) {
      await sleep(TURNED_AWAY_MS)
      return failed(503, TOO_MANY)
    }
    bucket = left
    busy += 1
    try {
      const call = await callOf(request)
      return call instanceof Failure
        ? failed(call.code === TOO_LARGE.code ? 413 : 400, call)
        : await answer(call)
    } finally {
      busy -= 1
    }
  }

  const server = createServer(
    { headersTimeout: HEAD_MS, requestTimeout: BODY_MS, keepAliveTimeout: IDLE_MS, maxHeaderSize: 8 * 1024 },
    (request, response) => {
      answered(request)
        .catch(error => failed(500, defect(error)))
        .then(said => send(response, said))
        .catch(() => response.destroy())
    },
  )
  server.maxConnections = MOST_CONNECTIONS
  await listen(server, path)
  // Nobody finds it under its own name before its owner and mode are right.
  const made = temporary(path)
  await chmod(made, 0o600)
  if (account !== null) await lchown(made, account.uid, account.gid)
  await rename(made, path)
  return {
    async close() {
      server.closeAllConnections()
      await new Promise<void>(resolve => server.close(() => resolve()))
      await rm(path, { force: true })
    },
  }
}

const temporary = (path: string): string => `${path}.new`

async function listen(server: Server, path: string): Promise<void> {
  await rm(temporary(path), { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(temporary(path), () => {
      server.off('error', reject)
      resolve()
    })
  })
}

async function callOf(request: IncomingMessage): Promise<AppCall | Failure> {
  const body = await bodyOf(request)
  if (body instanceof Failure) return body
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://keeper')
  const [, token = null] = /^Bearer (\S{1,200})$/.exec(request.headers.authorization ?? '') ?? []
  return { method: request.method ?? 'GET', path: pathname, query: searchParams, token, body }
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BODY) return TOO_LARGE
    pieces.push(piece)
  }
  if (bytes === 0) return undefined
  try {
    return JSON.parse(Buffer.concat(pieces).toString('utf8'))
  } catch {
    return NO_JSON
  }
}

function send(response: ServerResponse, { status, body }: AppAnswer): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    // What was not read of a refused body would be taken for the next request.
    ...(status === 413 ? { connection: 'close' } : {}),
  })
  response.end(JSON.stringify(body))
}

const failed = (status: number, failure: Failure): AppAnswer => ({
  status,
  body: { failure: failure.toJSON() },
})

const TOO_MANY = new Failure('socket.busy', 'the app asks for more at once than is answered', {
  why: `${MOST_AT_ONCE} calls are answered at a time, and ${RATE.perSecond} in a second`,
  fix: 'ask again in a second; the SDK does so by itself',
})
const TOO_LARGE = new Failure('socket.large', 'the call is too large', {
  why: `${MOST_BODY / 1024} KB are the most`,
  fix: 'send addresses of pictures and files instead of them',
})
const NO_JSON = new Failure('socket.json', 'the call is no JSON', {
  why: 'its body cannot be read',
  fix: 'use @innkeeper/sdk, or send content-type application/json with a JSON document',
})

function defect(error: unknown): Failure {
  if (error instanceof Failure) return error
  console.error(
    JSON.stringify({
      level: 'error',
      msg: 'a call of an app failed',
      error: (error as Error)?.stack ?? String(error),
    }),
  )
  return new Failure('internal', 'the keeper met a case that it did not expect', {
    why: 'this is a defect in Innkeeper',
    fix: '`inn logs keeper -n 50` shows where; please report it',
  })
}
