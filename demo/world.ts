import { type ChildProcess, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Client, connectTo } from '../server/src/cli/client.ts'
import type { Run } from '../server/src/engine/wire.ts'
import type { Status } from '../server/src/watch/status/wire.ts'
import type { LoadOptions, LoadResult } from './load.ts'

const PROJECT = join(import.meta.dirname, '..')
const INN = join(PROJECT, 'server/src/bin/inn.js')
const HOSTEL = join(PROJECT, 'examples/hostel')

/** A home of its own, and what is done in it. */
export interface World {
  home: string
  /** A copy of the example, which the demo changes. */
  source: string
  client: Client
  /** `inn …` with --json → its document; an exit code that is not expected is an error. */
  inn(args: string[], expected?: number[]): Promise<unknown>
  status(): Promise<Status>
  remove(): Promise<void>
}

/** `given`: what commands find in their environment. */
export async function makeWorld(given: Readonly<Record<string, string>>): Promise<World> {
  const home = await mkdtemp(join(tmpdir(), 'inn-demo-'))
  // Apps run as users of their own, which must be able to pass.
  await new Promise<void>((resolve, reject) =>
    spawn('chmod', ['711', home]).on('close', code =>
      code === 0 ? resolve() : reject(new Error('chmod failed')),
    ),
  )
  const source = join(home, 'source')
  await cp(HOSTEL, source, {
    recursive: true,
    filter: path => !/\/(node_modules|dist|uploads|\.test-build)(\/|$)/.test(path),
  })
  const file = join(source, 'innkeeper.yaml')
  const text = await readFile(file, 'utf8')
  // Shorter than one would choose for real visitors, so that the demo shows its failures sooner.
  await writeFile(
    file,
    `${text.replace('startPeriod: 30s', 'startPeriod: 10s').replace(/^( {4}persist:.*)$/m, '$1\n    drain: 5s')}watch: 12s\nwarm: 10m\n`,
  )
  const env = {
    ...process.env,
    ...given,
    INNKEEPER_HOME: home,
    INNKEEPER_HTTP_PORT: 'none',
    INNKEEPER_METRICS: 'none',
  }
  // What stands behind `inn run …` belongs to the command that it runs.
  const inn = ([command, ...rest]: string[], expected = [0]) =>
    run([INN, ...(command === 'run' ? [command, '--json', ...rest] : [command!, ...rest, '--json'])], {
      cwd: source,
      env,
      expected,
    })
  const client = connectTo({ socketPath: join(home, 'run', 'keeper.sock') }, 'demo')
  return {
    home,
    source,
    client,
    inn,
    status: () => client.get<Status>('/api/status'),
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }),
  }
}

function run(
  args: string[],
  { cwd, env, expected }: { cwd: string; env: NodeJS.ProcessEnv; expected: number[] },
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let out = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('utf8')
    })
    child.on('close', code => {
      if (expected.includes(code ?? -1)) resolve(out === '' ? null : JSON.parse(out))
      else reject(new Error(`inn ${args.slice(1).join(' ')} ended with ${code}\n${out}`))
    })
  })
}

/** Lays a variant's files over the copy of the app. */
export const overlay = (world: World, variant: string): Promise<void> =>
  cp(join(HOSTEL, 'variants', variant), world.source, { recursive: true })

/** The app as it was, but for the files that only a variant has. */
export const restore = (world: World): Promise<void> =>
  cp(join(HOSTEL, 'src'), join(world.source, 'src'), { recursive: true })

export interface Load {
  phase(name: string): void
  end(): Promise<LoadResult>
}

/** Starts the visitors, and tells them of each switch, so that they know which sockets were promised to stay. */
export async function startLoad(world: World, options: LoadOptions): Promise<Load> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, 'load.ts'), JSON.stringify(options)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('utf8')
  })
  const closed = new Promise<void>(resolve => child.on('close', () => resolve()))
  const stop = new AbortController()
  void tellSwitches(world.client, child, stop.signal)
  return {
    phase: name => void child.stdin.write(`phase ${name}\n`),
    async end() {
      stop.abort()
      child.stdin.write('end\n')
      await closed
      return JSON.parse(out) as LoadResult
    },
  }
}

async function tellSwitches(client: Client, child: ChildProcess, signal: AbortSignal): Promise<void> {
  const told = new Set<string>()
  while (!signal.aborted) {
    try {
      for await (const event of client.events<{ type: string; run?: Run }>('/api/events')) {
        if (signal.aborted) return
        if (event.type !== 'run') continue
        for (const step of event.run!.steps.filter(
          s => s.kind === 'edge.route' && (s.state === 'running' || s.state === 'undoing'),
        )) {
          const key = `${event.run!.id}.${step.index}.${step.state}`
          if (!told.has(key)) child.stdin?.write(`switch ${Date.now()}\n`)
          told.add(key)
        }
      }
    } catch {
      // The keeper was killed on purpose: it is back in a second.
    }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}
