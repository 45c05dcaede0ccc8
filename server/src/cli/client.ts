import { readFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { text as wholeText } from 'node:stream/consumers'
import { showDuration } from '../kernel/durations.ts'
import { Failure, type FailureJson } from '../kernel/failure.ts'
import { type Frame, framesOf } from '../kernel/frames.ts'
import { request as httpRequest, overTls, VERSION_HEADER } from '../kernel/http.ts'
import { wholeLines } from '../kernel/lines.ts'
import { statOf } from '../kernel/stat.ts'

/**
 * How the keeper is reached: by its unix socket on this machine, by one that leads to another server, or by a URL with a
 * token. At a socket a token makes whoever asks less.
 */
export type Reach = { socketPath: string; through?: Through; token?: string } | { url: string; token: string }

/** The way to another server. */
export interface Through {
  /** What ssh was told. */
  destination: string
  /** What ssh has said of it, after a failure; null: nothing. */
  said(): Promise<string | null>
}

export interface Client {
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: unknown): Promise<T>
  delete<T>(path: string): Promise<T>
  put<T>(path: string, body: NodeJS.ReadableStream, length: number): Promise<T>
  /** The body of the answer, in chunks as they come. */
  download(path: string): AsyncGenerator<Buffer>
  /** Server-sent events, parsed. Uses POST when there is a body. */
  events<T>(path: string, body?: unknown): AsyncGenerator<T>
  /** A stream of frames, whose bytes are as they were sent. */
  frames(path: string, body: unknown): AsyncGenerator<Frame>
  /** Sends bytes as they are. */
  feed<T>(path: string, bytes: Buffer): Promise<T>
}

/** A path of the API. What is filled in was typed by somebody: encoded, it is one name and leads to no other route. */
export const at = (texts: TemplateStringsArray, ...names: readonly string[]): string =>
  String.raw({ raw: texts }, ...names.map(encodeURIComponent))

interface Hearing {
  /** Converts every text that the keeper sends, before anybody sees it. */
  heard?(text: string): string
  /** Sent along with each request. */
  headers?: Readonly<Record<string, string>>
  /** Told once which version answers. */
  met?(version: string): void
}

/** Connects to a keeper. */
export function connectTo(
  reach: Reach,
  actor: string,
  { heard = text => text, met = () => {}, headers = {} }: Hearing = {},
): Client {
  const parse = (text: string): unknown =>
    JSON.parse(text, (_, value: unknown) => (typeof value === 'string' ? heard(value) : value))
  const read = <T>(answer: IncomingMessage) => readWith<T>(answer, reach, parse)
  let known = false
  const send = async (sent: Sent) => {
    const answer = await sendTo(reach, actor, { ...sent, headers })
    const version = answer.headers[VERSION_HEADER]
    if (!known && typeof version === 'string') met(heard(version))
    known = true
    return answer
  }
  const json = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const answer = await send({ method, path, body: text, type: 'application/json' })
    return read<T>(answer)
  }
  return {
    get: path => json('GET', path),
    post: (path, body) => json('POST', path, body),
    delete: path => json('DELETE', path),
    async put(path, body, length) {
      return read(await send({ method: 'PUT', path, body, type: 'application/gzip', length }))
    },
    async *download(path) {
      const answer = await send({ method: 'GET', path, type: 'application/json' })
      if (answer.statusCode !== 200) await read(answer)
      try {
        yield* answer as AsyncIterable<Buffer>
      } catch (error) {
        throw await unreachable(reach, error as NodeJS.ErrnoException)
      }
    },
    async *events<T>(path: string, body?: unknown) {
      const method = body === undefined ? 'GET' : 'POST'
      const answer = await send({
        method,
        path,
        body: body === undefined ? undefined : JSON.stringify(body),
        type: 'application/json',
      })
      if (answer.statusCode !== 200) await read(answer)
      for await (const line of linesOf(answer, reach))
        if (line.startsWith('data: ')) yield parse(line.slice(6)) as T
    },
    async *frames(path, body) {
      const text = JSON.stringify(body)
      const answer = await send({ method: 'POST', path, body: text, type: 'application/json' })
      if (answer.statusCode !== 200) await read(answer)
      yield* patient(answer, reach)
    },
    async feed(path, bytes) {
      return read(await send({ method: 'POST', path, body: bytes, type: 'application/octet-stream' }))
    },
  }
}

/** Whole lines as they come. A broken stream fails as an unreachable keeper does. */
async function* linesOf(answer: IncomingMessage, reach: Reach): AsyncGenerator<string> {
  try {
    yield* wholeLines(answer.setEncoding('utf8'))
  } catch (error) {
    throw await unreachable(reach, error as NodeJS.ErrnoException)
  }
}

/** Frames as they come. Time in which we do not read ourselves, because nobody reads from us, is no silence of the keeper. */
async function* patient(answer: IncomingMessage, reach: Reach): AsyncGenerator<Frame> {
  // An answer that has ended has no connection any more, though we may have some of it yet to read.
  const quiet = (ms: number) => (answer.socket as Socket | null)?.setTimeout(ms)
  try {
    for await (const frame of framesOf(answer)) {
      quiet(0)
      yield frame
      quiet(QUIET_MS.change)
    }
  } catch (error) {
    throw await unreachable(reach, error as NodeJS.ErrnoException)
  }
}

/** Longest time in which not one byte comes or goes, in milliseconds. A plan may look into a bucket far away. */
const QUIET_MS = { read: 20_000, change: 120_000 }

/** A keeper that works says so at once. */
const WORKS_MS = 3_000

const SILENT = 'EKEEPERSILENT'
const silent = (ms: number): Error =>
  Object.assign(new Error(`it took the request, and then nothing came for ${showDuration(ms)}`), {
    code: SILENT,
  })

interface Sent {
  method: string
  path: string
  body?: string | Buffer | NodeJS.ReadableStream | undefined
  type: string
  length?: number
  headers?: Readonly<Record<string, string>>
}

async function sendTo(reach: Reach, actor: string, sent: Sent): Promise<IncomingMessage> {
  const silentMs = sent.method === 'GET' ? QUIET_MS.read : QUIET_MS.change
  try {
    return await asked(reach, actor, sent, silentMs)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === SILENT && (await works(reach, actor))) throw unanswered(sent, silentMs)
    throw await unreachable(reach, error as NodeJS.ErrnoException)
  }
}

/** Whether a keeper that did not answer one request answers another. */
async function works(reach: Reach, actor: string): Promise<boolean> {
  const health = { method: 'GET', path: '/api/health', type: 'application/json' }
  return asked(reach, actor, health, WORKS_MS).then(
    answer => answer.resume().statusCode === 200,
    () => false,
  )
}

const unanswered = ({ method, path }: Sent, ms: number): Failure =>
  new Failure('keeper.unanswered', 'the keeper works, and did not answer this', {
    why: `${method} ${path}: nothing came for ${showDuration(ms)}, so it waits for something that does not answer either: a database, a place for backups, another server`,
    fix:
      method === 'GET'
        ? '`inn status` shows which part is down; then try again'
        : '`inn history` shows whether it has begun, and `inn status` which part is down; try again if it has not',
  })

/** Rejects with what the connection failed with. */
function asked(
  reach: Reach,
  actor: string,
  { method, path: wanted, body, type, length, headers: more }: Sent,
  silentMs: number,
): Promise<IncomingMessage> {
  // A typed name may contain any characters, so they are encoded. The keeper says whether the name exists.
  const path = wanted.replaceAll(/[^!-~]/gu, encodeURIComponent)
  const size = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.byteLength(body) : length
  const headers = {
    ...more,
    'x-innkeeper-actor': actor,
    ...(body === undefined ? {} : { 'content-type': type, 'content-length': String(size) }),
    ...(reach.token === undefined ? {} : { authorization: `Bearer ${reach.token}` }),
  }
  return new Promise((resolve, reject) => {
    const request =
      'socketPath' in reach
        ? httpRequest({ socketPath: reach.socketPath, method, path, headers }, resolve)
        : (reach.url.startsWith('https:') ? overTls().request : httpRequest)(
            new URL(path, reach.url),
            { method, headers },
            resolve,
          )
    request.on('error', reject)
    // A stream of events has a beat every 15 seconds, so this also notices a keeper that froze in the middle of one.
    request.setTimeout(silentMs, () =>
      request.destroy(request.socket?.connecting ? new Error('no connection came about') : silent(silentMs)),
    )
    if (typeof body === 'object' && !Buffer.isBuffer(body)) body.pipe(request)
    else request.end(body)
  })
}

async function readWith<T>(
  answer: IncomingMessage,
  reach: Reach,
  parse: (text: string) => unknown,
): Promise<T> {
  const text = await wholeText(answer).catch(async (error: NodeJS.ErrnoException) => {
    throw await unreachable(reach, error)
  })
  const parsed = parsedOrNull(text, parse) as { failure?: FailureJson } | null
  if (answer.statusCode === 200) return parsed as T
  const { failure } = parsed ?? {}
  if (failure !== undefined)
    throw new Failure(failure.code, failure.what, { ...failure, facts: { ...failure.facts } })
  throw new Failure('keeper.strange', `the keeper answered ${answer.statusCode}`, {
    why: text.slice(0, 300),
    fix: '`inn version` says whether this command line and the keeper are of one version',
  })
}

function parsedOrNull(text: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(text)
  } catch {
    return null
  }
}

async function unreachable(reach: Reach, error: NodeJS.ErrnoException): Promise<Failure> {
  if ('through' in reach && reach.through !== undefined) return unreachedThere(reach.through, error)
  const where = 'socketPath' in reach ? reach.socketPath : reach.url
  return new Failure('keeper.unreachable', 'the keeper does not answer', {
    why: `${where}: ${error.message}`,
    fix:
      'socketPath' in reach
        ? localFix(reach.socketPath, error.code)
        : 'check INNKEEPER_URL and the way there',
  })
}

async function unreachedThere(
  { destination, said }: Through,
  error: NodeJS.ErrnoException,
): Promise<Failure> {
  const why = (await said()) ?? error.message
  return new Failure('keeper.unreachable', `the keeper on ${destination} does not answer`, {
    why,
    fix: /denied|prohibited/i.test(why)
      ? 'name the user that the keeper belongs to: `inn --host root@server status`; its sshd must allow AllowStreamLocalForwarding'
      : `\`ssh -t ${destination} inn up\` starts it; of a home elsewhere the path is named: \`inn --host user@server:/home status\``,
  })
}

/** Whether the supervision tree runs, and with it all that the keeper serves. It is known by its pid and the time of its start. */
function treeRuns(run: string): boolean {
  try {
    const [pid, start] = readFileSync(join(run, 'tree.pid'), 'utf8').trim().split(' ')
    return statOf(readFileSync(`/proc/${pid}/stat`, 'utf8')).fields[19] === start
  } catch {
    return false
  }
}

function localFix(socketPath: string, code: string | undefined): string {
  if (code === 'EACCES') return 'run this as the user that the keeper belongs to (sudo inn …)'
  const run = dirname(socketPath)
  if (code !== SILENT)
    return treeRuns(run)
      ? '`inn up` starts it; what it serves goes on without it'
      : '`inn up` starts it, and all that runs on this server'
  const pid = join(run, '../sv/keeper/supervise/pid')
  return `\`kill -9 $(cat ${pid})\` ends it, and it is started again at once; what it serves goes on without it`
}
