import { spawn } from 'node:child_process'
import { chmod, cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadOptions, LoadResult } from '../demo/load.ts'
import { type Client, connectTo } from '../server/src/cli/client.ts'
import type { Status } from '../server/src/watch/status/wire.ts'

const PROJECT = join(import.meta.dirname, '..')
export const APP = join(import.meta.dirname, 'app')

export interface Change {
  outcome: string
  release: string
  ms: number
  steps: Array<{ title: string; ms: number | null }>
}

export interface Bench {
  home: string
  client: Client
  inn(args: string[], cwd?: string): Promise<Change>
  status(): Promise<Status>
  remove(): Promise<void>
}

/** A home of its own for a measurement. */
export async function makeBench(more: NodeJS.ProcessEnv = {}): Promise<Bench> {
  const home = await mkdtemp(join(tmpdir(), 'inn-b-'))
  await chmod(home, 0o711)
  await cp(APP, join(home, 'source'), { recursive: true })
  const env = {
    ...process.env,
    INNKEEPER_HOME: home,
    INNKEEPER_HTTP_PORT: 'none',
    INNKEEPER_METRICS: 'none',
    ...more,
  }
  // Through the launcher, as a person does it: its time counts.
  const inn = async (args: string[], cwd = join(home, 'source')) =>
    JSON.parse(await run([join(PROJECT, 'inn'), ...args, '--json'], { cwd, env })) as Change
  await inn(['up'])
  const client = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'bench')
  const remove = async () => {
    // The source may be gone with the rest of the home; each app has a user of this machine.
    for (const { name } of (await client.get<Status>('/api/status')).apps)
      await inn(['remove', name, '--data', '--yes'], '/').catch(() => {}) // A bench may leave it broken.
    await inn(['down', '--yes'], '/')
    await rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 })
  }
  // Services are no children of this process: without this, Ctrl-C would leave all of them behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      console.error('removing what was started ...')
      void remove().finally(() => process.exit(130))
    })
  return { home, client, inn, status: () => client.get<Status>('/api/status'), remove }
}

export function run(
  [program, ...args]: string[],
  { cwd, env = process.env }: { cwd: string; env?: NodeJS.ProcessEnv },
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program!, args, { cwd, env, stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    child.on('error', reject)
    child.on('close', code =>
      code === 0
        ? resolve(out)
        : reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${out}`)),
    )
  })
}

export interface Load {
  phase(name: string): void
  switched(): void
  end(): Promise<LoadResult>
}

/** 64 keep-alive and 16 new-connection clients, of them 8 that POST, 8 WebSockets and 4 event streams. */
export function startLoad(port: number, drainMs: number): Load {
  const options: LoadOptions = {
    host: '127.0.0.1',
    port,
    checkIn: '/api/self-check-in/x',
    keepAlive: 60,
    fresh: 12,
    posts: 8,
    sockets: 8,
    streams: 4,
    drainMs,
    pauseMs: 25,
    longestMs: 1_200_000,
    prefix: '',
  }
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(PROJECT, 'demo/load.ts'), JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  const closed = new Promise<void>(resolve => child.on('close', () => resolve()))
  return {
    phase: name => void child.stdin.write(`phase ${name}\n`),
    switched: () => void child.stdin.write(`switch ${Date.now()}\n`),
    async end() {
      child.stdin.write('end\n')
      await closed
      return JSON.parse(out) as LoadResult
    },
  }
}

/** Memory of a process, in which pages that several processes share count once in all; 0: it is no more. */
export async function proportionalMb(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '')
  return Number(/^Pss:\s+(\d+)/m.exec(text)?.[1] ?? 0) / 1024
}

export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
