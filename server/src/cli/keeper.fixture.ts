import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Run } from '../engine/wire.ts'
import { type Client, connectTo } from './client.ts'
import type { Terminal } from './terminal.ts'

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void

export interface Keeper {
  socketPath: string
  client: Client
  /** `METHOD /path body`, in the order in which they came. */
  asked: string[]
  [Symbol.asyncDispose](): Promise<void>
}

/** The other side of the protocol: a server on a unix socket that gives what a test says. */
export async function startKeeper(answer: Answer): Promise<Keeper> {
  const folder = await mkdtemp(join(tmpdir(), 'inn-cli-'))
  const asked: string[] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += String(chunk)
    asked.push([request.method, request.url, body].join(' ').trim())
    answer(request, response, body)
  })
  const socketPath = join(folder, 'keeper.sock')
  server.listen(socketPath)
  await once(server, 'listening')
  return {
    socketPath,
    client: connectTo({ socketPath }, 'anna'),
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const json = (response: ServerResponse, value: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))

/** Events of a stream, which then ends. */
export function stream(response: ServerResponse, events: readonly unknown[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  response.write(': open\n\n')
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`)
  response.end()
}

/** Writes down what it is given, and colours nothing. */
export function plainTerminal(
  more: Partial<Terminal> = {},
): Terminal & { printed: string[]; noted: string[] } {
  const printed: string[] = []
  const noted: string[] = []
  return {
    interactive: false,
    width: 80,
    printed,
    noted,
    print: text => void printed.push(text),
    note: text => void noted.push(text),
    paint: (_, text) => text,
    ask: async () => '',
    transient: () => {},
    ...more,
  }
}

export const run = (more: Partial<Run> = {}): Run =>
  Run.parse({
    id: 'r-1',
    kind: 'deploy',
    title: 'deploy shop',
    app: 'shop',
    release: 'r2',
    actor: 'anna',
    state: 'ended',
    outcome: 'done',
    failure: null,
    leftover: [],
    startedAt: '2026-11-20T10:00:00Z',
    endedAt: '2026-11-20T10:00:05Z',
    ms: 5_000,
    steps: [],
    ...more,
  })

export const step = (title: string, more: Partial<Run['steps'][number]> = {}): Run['steps'][number] => ({
  index: 0,
  phase: 'steps',
  kind: 'release.build',
  title,
  undo: null,
  state: 'done',
  ms: 1_200,
  note: null,
  ...more,
})
