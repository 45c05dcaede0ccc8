import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import type { z } from 'zod'
import type { AppStatus } from '../apps/app/wire.ts'
import type { Run, RunStep } from '../engine/wire.ts'
import { Failure, type FailureJson } from '../kernel/failure.ts'
import { headOf } from '../kernel/frames.ts'
import { FailureAnswer } from '../kernel/wire.ts'
import type { Status } from '../watch/status/wire.ts'
import { type Client, connectTo } from './client.ts'
import type { Cli } from './command.ts'
import type { Terminal } from './terminal.ts'

/** A request that the command line made. */
export interface Asked {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: unknown
}

export type Answer = (response: ServerResponse, asked: Asked) => void

/** An answer that fits what the wire promises, or the test does not start. */
export const says = <S extends z.ZodType>(schema: S, value: z.input<S>): Answer => {
  const text = JSON.stringify(schema.parse(value))
  return response => void response.writeHead(200, { 'content-type': 'application/json' }).end(text)
}

export const refuses = (status: number, failure: FailureJson): Answer => {
  const text = JSON.stringify(FailureAnswer.parse({ failure }))
  return response => void response.writeHead(status, { 'content-type': 'application/json' }).end(text)
}

/** Server-sent events, then the end of the stream. */
export const streams = <S extends z.ZodType>(schema: S, ...values: Array<z.input<S>>): Answer => {
  const text = values.map(value => `data: ${JSON.stringify(schema.parse(value))}\n\n`).join('')
  return response =>
    void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`: open\n\n${text}`)
}

/** A stream of frames: text on the channel that is named, JSON on the channel `said`. */
export const framesOut = (...frames: Array<[number, string | Buffer | object]>): Answer => {
  const all = frames.flatMap(([channel, value]) => {
    const raw = typeof value === 'string' || Buffer.isBuffer(value)
    const bytes = raw ? Buffer.from(value) : Buffer.from(JSON.stringify(value))
    return [headOf({ channel, bytes }), bytes]
  })
  return response =>
    void response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(Buffer.concat(all))
}

/** One answer after the other; the last one for all that follow. */
export const inTurn = (...answers: Answer[]): Answer => {
  let n = 0
  return (response, asked) => answers[Math.min(n++, answers.length - 1)]!(response, asked)
}

export interface StandIn {
  /** A home whose socket it answers on. */
  home: string
  socketPath: string
  client: Client
  asked: Asked[]
  /** What was asked: `POST /api/x`, with its body. */
  calls(): Array<[string, unknown]>
}

/** `GET /api/x/*` answers for all right below. */
const byRoute =
  (answers: Record<string, Answer>): Answer =>
  (response, asked) => {
    const name = `${asked.method} ${asked.path.split('?')[0]}`
    const missing = refuses(404, { code: 'route.unknown', what: `there is no ${name}`, why: 'no', fix: 'no' })
    const within = name.replace(/[^/]*$/, '*')
    ;(answers[name] ?? answers[within] ?? missing)(response, asked)
  }

/** The other side of the protocol, on the socket of a home of its own: an answer for each route, or one for all. */
export async function standIn(t: TestContext, answers: Record<string, Answer> | Answer): Promise<StandIn> {
  const home = await mkdtemp(join(tmpdir(), 'inn-cli-'))
  await mkdir(join(home, 'run'))
  const answer = typeof answers === 'function' ? answers : byRoute(answers)
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const bytes = await buffer(request)
    const json = request.headers['content-type'] === 'application/json'
    const body = bytes.length === 0 ? undefined : json ? JSON.parse(bytes.toString()) : bytes
    const one = { method: request.method!, path: request.url!, headers: request.headers, body }
    asked.push(one)
    answer(response, one)
  })
  const socketPath = join(home, 'run', 'keeper.sock')
  await new Promise<void>(resolve => server.listen(socketPath, resolve))
  t.after(async () => {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
    await rm(home, { recursive: true, force: true })
  })
  const client = connectTo({ socketPath }, 'anna')
  const calls: StandIn['calls'] = () => asked.map(({ method, path, body }) => [`${method} ${path}`, body])
  return { home, socketPath, client, asked, calls }
}

/** A terminal that remembers what it was told; what is painted has its style before it, `<red>text`, unless it is plain. */
export function recorder({ interactive = false, answer = '', plain = false } = {}) {
  const printed: string[] = []
  const noted: string[] = []
  const passing: string[] = []
  const drawn: Array<string | null> = []
  const questions: string[] = []
  const terminal: Terminal = {
    interactive,
    width: 100,
    print: text => void printed.push(text),
    note: text => void noted.push(text),
    paint: (style, text) => (plain ? text : `<${style}>${text}`),
    transient: text => void passing.push(text),
    draw: text => void drawn.push(text),
    async askHidden(question) {
      questions.push(question)
      return answer
    },
    async ask(question) {
      questions.push(question)
      return answer
    },
  }
  return { terminal, printed, noted, passing, drawn, questions, text: () => printed.join('\n') }
}

/** What a command is given, with a stand-in behind it. */
export async function cliOf(
  t: TestContext,
  answers: Record<string, Answer> | Answer,
  {
    json = false,
    wait = false,
    ...person
  }: { json?: boolean; wait?: boolean; interactive?: boolean; answer?: string; plain?: boolean } = {},
) {
  const keeper = await standIn(t, answers)
  const shown = recorder(person)
  const { home, client } = keeper
  const cli: Cli = {
    ...{ home, client, terminal: shown.terminal, json, wait, actor: 'anna', version: null, tunnel: null },
    as: () => client,
  }
  return { cli, keeper, ...shown }
}

export interface Printed {
  out: string
  err: string
  code: number
}

/** Runs a command here, and gives what it wrote and the code that it would have ended with. */
export async function printedBy(t: TestContext, work: () => Promise<unknown>): Promise<Printed> {
  const kept = { out: '', err: '' }
  const listeners = process.stdout.listeners('error')
  const take = (name: 'out' | 'err', stream: NodeJS.WriteStream) => {
    const write = stream.write.bind(stream) as (...all: unknown[]) => boolean
    // The runner's own reports are bytes, and go on their way.
    return t.mock.method(stream, 'write', (chunk: unknown, ...more: unknown[]) => {
      if (typeof chunk !== 'string') return write(chunk, ...more)
      kept[name] += chunk
      return true
    })
  }
  const taken = [take('out', process.stdout), take('err', process.stderr)]
  try {
    await work()
    return { ...kept, code: Number(process.exitCode ?? 0) }
  } finally {
    for (const one of taken) one.mock.restore()
    process.exitCode = undefined
    for (const listener of process.stdout.listeners('error'))
      if (!listeners.includes(listener)) process.stdout.off('error', listener as (error: Error) => void)
  }
}

/** For `assert.rejects`: the failure with this code. */
export const failsWith = (code: string) => (error: unknown) => {
  if (error instanceof Failure && error.code === code) return true
  throw error
}

const AT = '2026-11-20T10:00:00.000Z'

export const step = (title: string, more: Partial<RunStep> = {}): RunStep => ({
  index: 0,
  phase: 'steps',
  kind: 'instances.start',
  title,
  undo: null,
  state: 'pending',
  ms: null,
  note: null,
  ...more,
})

export const runOf = (more: Partial<Run> = {}): Run => ({
  id: 'run-1',
  kind: 'deploy',
  title: 'deploy r2 of shop',
  app: 'shop',
  release: 'r2',
  actor: 'anna',
  state: 'ended',
  outcome: 'done',
  failure: null,
  leftover: [],
  startedAt: AT,
  endedAt: AT,
  ms: 4200,
  steps: [],
  ...more,
})

export const appOf = (name: string, more: Partial<AppStatus> = {}): AppStatus => ({
  name,
  environment: 'production',
  url: `http://${name}.test`,
  colour: 'blue',
  release: 'r2',
  state: 'serving',
  reason: null,
  services: [],
  rollback: null,
  running: null,
  deployedAt: AT,
  deployedBy: 'anna',
  can: [],
  ...more,
})

export const statusOf = (...apps: AppStatus[]): Status => ({
  keeper: {
    version: '1.2.3',
    pid: 7,
    rssBytes: 100 * 1024 ** 2,
    url: 'http://127.0.0.1:7777',
    home: '/h',
    upSince: AT,
  },
  host: {
    name: 'box',
    cpus: 2,
    memoryBytes: 4 * 1024 ** 3,
    memoryFreeBytes: 1024 ** 3,
    diskBytes: 40 * 1024 ** 3,
    diskFreeBytes: 10 * 1024 ** 3,
  },
  parts: [],
  alarms: [],
  apps,
})
