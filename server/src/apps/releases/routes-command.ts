import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { constants } from 'node:os'
import { finished as flushed } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { forbidden } from '../../api/access.ts'
import { mayIn } from '../../api/actor.ts'
import type { FrameStream, FrameStreams } from '../../api/frames.ts'
import type { Routes } from '../../api/routes.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { CHANNEL } from '../../kernel/frames.ts'
import type { Audit } from '../../reach/audit/audit.ts'
import { type App, currentRelease } from '../app/app.ts'
import type { AppStore } from '../app/store.ts'
import { type Heard, listening, type Witness } from './heard.ts'
import type { OneOff, OneOffOrder } from './one-off.ts'
import type { Finished, Held } from './runner.ts'
import type { ReleaseStore } from './store.ts'
import { CommandOrder, InputTaken, SignalName, TerminalSize } from './wire-command.ts'

export interface CommandPorts {
  apps: Pick<AppStore, 'get' | 'secrets'>
  releases: Pick<ReleaseStore, 'get'>
  oneOff: OneOff
  audit: Pick<Audit, 'write' | 'ended'>
  frames: FrameStreams
  witness: Witness
}

const ById = z.object({ app: z.string(), id: z.string() })
/** How long one piece of standard input waits for a command that does not read. */
const FULL_MS = 10_000

/** `inn run`: one route starts the command and brings its output, three more are for what goes to it meanwhile. */
export function commandRoutes(app: Routes, ports: CommandPorts): void {
  const running = new Map<string, Held>()
  startRoute(app, ports, running)
  inputRoutes(app, running)
  controlRoutes(app, running)
}

const keyOf = ({ app, id }: z.infer<typeof ById>): string => `${app}/${id}`

function heldOr404(running: ReadonlyMap<string, Held>, params: z.infer<typeof ById>): Held {
  const held = running.get(keyOf(params))
  if (held !== undefined) return held
  throw new Failure('command.unknown', 'this command does not run any more', {
    why: 'it has ended, or another keeper started it',
    fix: 'start it again',
  })
}

/** What it runs in: the named release, or the live one of its service, or the app's current one. */
async function placeOf(ports: CommandPorts, name: string, { service, release }: CommandOrder) {
  const app = await ports.apps.get(name)
  const own = service === undefined ? undefined : app.live[service]?.release
  const id = release ?? own ?? currentRelease(app)
  if (id !== null) return { app, release: await ports.releases.get(name, id) }
  throw new Failure('app.nothing-live', `nothing of ${name} was deployed with success yet`, {
    why: 'a command runs in a release, and its first deploy did not end well',
    fix: '`inn deploy`',
  })
}

function startRoute(app: Routes, ports: CommandPorts, running: Map<string, Held>): void {
  app.post(
    '/api/apps/:app/commands',
    {
      config: { permission: 'operator', verb: 'run', wakes: true },
      schema: {
        params: z.object({ app: z.string() }),
        body: CommandOrder,
        summary:
          'Run one command in the release that serves. The answer is a stream of frames: one byte for the channel (1: standard output, 2: standard error, 3: JSON, first `{ id }`, last `{ code }` or `{ failure }`), four for the length, then the bytes',
      },
    },
    async (request, reply) => {
      const { argv, service, env, database, terminal } = request.body
      const name = request.params.app
      // Whoever runs psql in it may read the password that it gets: the owner's, or that of rows of an earlier moment.
      if ((database?.owner || database?.copy !== undefined) && !mayIn(request.actor, 'admin', name))
        throw forbidden(request.actor, 'admin', name)
      const place = await placeOf(ports, name, request.body)
      const told = {
        actor: request.actor.name,
        action: 'run',
        app: name,
        run: null,
        detail: saidOf(argv, database),
      }
      const entry = await ports.audit.write(told, 'begun')
      const stream = ports.frames(request, reply)
      const order = { ...place, service: service ?? null, argv, env, database, terminal: terminal ?? null }
      // What a terminal shows is made of movements of its cursor, which no timeline can repeat.
      const heard = terminal ? null : await listening(ports, name)
      try {
        const done = await carriedOut(ports, order, { stream, running, heard })
        await ports.audit.ended(entry, done.code === 0 ? 'done' : `exit code ${done.code ?? done.signal}`)
        stream.say({ code: exitCode(done) })
      } catch (error) {
        await ports.audit.ended(entry, describe(error).what)
        stream.say({ failure: describe(error, name) })
      }
      await heard?.keep(entry)
      stream.close()
    },
  )
}

/** What the audit log says of a command. */
function saidOf(argv: readonly string[], database: CommandOrder['database']): string {
  const copy = database?.copy === undefined ? '' : ` in the copy ${database.copy}`
  return `${argv.join(' ')}${database?.owner ? ' as the owner of the database' : ''}${copy}`
}

/** As a shell says it: of a command that a signal ended, 128 and the signal's number. */
const exitCode = ({ code, signal }: Finished): number =>
  code ?? 128 + (constants.signals[signal as NodeJS.Signals] ?? 0)

async function carriedOut(
  { oneOff }: CommandPorts,
  order: Omit<OneOffOrder, 'signal' | 'stdout' | 'stderr'> & { app: App },
  { stream, running, heard }: { stream: FrameStream; running: Map<string, Held>; heard: Heard | null },
): Promise<Finished> {
  const id = randomUUID()
  const key = keyOf({ app: order.app.name, id })
  const stdout = stream.channel(CHANNEL.output, heard?.take)
  const stderr = stream.channel(CHANNEL.errors, heard?.take)
  try {
    const held = await oneOff({ ...order, signal: stream.signal, stdout, stderr })
    running.set(key, held)
    stream.say({ id })
    return await held.finished
  } finally {
    running.delete(key)
    // The end is said behind the last byte.
    await Promise.all([stdout, stderr].map(one => flushed(one.end(), { readable: false })))
  }
}

function inputRoutes(app: Routes, running: ReadonlyMap<string, Held>): void {
  const config = { permission: 'operator', verb: 'run' } as const
  app.addContentTypeParser('application/octet-stream', { parseAs: 'buffer' }, (_, body, done) =>
    done(null, body),
  )
  app.post(
    '/api/apps/:app/commands/:id/input',
    { config, schema: { params: ById, response: { 200: InputTaken } } },
    async ({ params, body }) => {
      const held = heldOr404(running, params)
      if (!(await roomIn(held))) return { open: held.stdin.writable, taken: false }
      held.stdin.write(body as Buffer)
      return { open: true, taken: true }
    },
  )
  app.delete(
    '/api/apps/:app/commands/:id/input',
    { config, schema: { params: ById, response: { 200: InputTaken } } },
    async ({ params }) => {
      heldOr404(running, params).stdin.end()
      return { open: false, taken: true }
    },
  )
}

/** Waits until the command has read what it was sent before. */
async function roomIn({ stdin, finished }: Held): Promise<boolean> {
  if (stdin.writable && stdin.writableNeedDrain) {
    const over = new AbortController()
    const wait = { signal: over.signal }
    const late = sleep(FULL_MS, undefined, wait)
    const events = [once(stdin, 'drain', wait), once(stdin, 'close', wait), late]
    await Promise.race([...events, finished]).catch(() => {})
    over.abort()
    await Promise.allSettled(events)
  }
  return stdin.writable && !stdin.writableNeedDrain
}

function controlRoutes(app: Routes, running: ReadonlyMap<string, Held>): void {
  const config = { permission: 'operator', verb: 'run' } as const
  const Done = z.object({ done: z.literal(true) })
  app.post(
    '/api/apps/:app/commands/:id/signal',
    {
      config,
      schema: { params: ById, body: z.object({ signal: SignalName }), response: { 200: Done } },
    },
    async ({ params, body }) => {
      heldOr404(running, params).signal(body.signal)
      return { done: true as const }
    },
  )
  app.post(
    '/api/apps/:app/commands/:id/size',
    { config, schema: { params: ById, body: TerminalSize, response: { 200: Done } } },
    async ({ params, body }) => {
      await heldOr404(running, params).resize(body)
      return { done: true as const }
    },
  )
}
