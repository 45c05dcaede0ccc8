import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Ended, Server } from './server.ts'

export const EXAMPLES = join(import.meta.dirname, '../../examples')

/** Socket.IO disconnects a client that does not log in within 45 s, so the socket is renewed before. */
const RENEW_MS = 15_000

/** A visitor whose page stays open: always one Socket.IO connection, over a plain WebSocket. */
export function holdSocket(url: string): { cuts(): number; leave(): void } {
  let cuts = 0
  let here = true
  const open = (): WebSocket => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`)
    socket.onclose = () => {
      if (!here || socket !== current) return
      cuts++
      current = open()
    }
    return socket
  }
  let current = open()
  const timer = setInterval(() => {
    const old = current
    current = open()
    old.close()
  }, RENEW_MS)
  return {
    cuts: () => cuts,
    leave() {
      here = false
      clearInterval(timer)
      current.close()
    },
  }
}

/** Program text that tries to create a table as the app's role, and prints what PostgreSQL answers. */
export const MAKE_TABLE = `const client = new (require('pg').Client)(process.env.DATABASE_URL)
client.connect().then(() => client.query('create table intruder (id int)')).then(() => console.log('made'), error => console.log(error.code)).finally(() => client.end())`

/** A reference application: what visitors request while it is changed, and what it needs. */
export interface Example {
  name: string
  /** Paths that visitors request all the time. */
  pages: readonly string[]
  /** Whether its pages keep a WebSocket open. */
  live?: boolean
  /** The command that seeds its data; it runs in the release. */
  seed: readonly string[]
  /** Environment of the seed. */
  seedEnv?: Readonly<Record<string, string>>
  /** Values for its `from:` entries. */
  env?: Readonly<Record<string, string>>
}

const pairs = (env: Readonly<Record<string, string>> = {}): string[] =>
  Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`])

export const deployExample = (
  server: Server,
  example: Example,
  args: readonly string[] = [],
): Promise<Ended> =>
  server.inn(['deploy', '--watch', '5s', ...args, ...pairs(example.env)], {
    cwd: join(EXAMPLES, example.name),
  })

export const seedExample = (server: Server, { name, seed, seedEnv }: Example): Promise<Ended> =>
  server.inn(['run', '--app', name, ...pairs(seedEnv), '--', ...seed])

/** Starts the fake Bot API of examples/events as a separate process. */
export async function startTelegram(): Promise<{ url: string; stop(): void }> {
  const program = join(EXAMPLES, 'events/test/telegram.ts')
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', program, '--port', '0', '--any-chat'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  return { url: /http:\S+/.exec(String(value))![0], stop: () => void child.kill() }
}
