import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import {
  opening,
  type ProxyTarget,
  type RouteTable,
  type Site,
  type StaticTarget,
} from '../../reach/edge/edge.ts'
import { removeTree } from '../host/files.ts'
import { type HttpAnswer, type HttpRequest, request } from '../host/http.ts'
import { edgeCommand, type NginxEdge, type NginxOptions, nginxEdge } from './nginx.ts'

export interface App {
  peer: string
  /** Kills it at once, as a crash would. */
  kill(): Promise<void>
  /** Freezes it: it keeps its port and answers nothing. */
  freeze(): void
}

/** Starts an app as a separate process, so that it can be killed. */
export async function startApp(side: string): Promise<App> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'nginx.upstream.ts'), side], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [port] = (await once(child.stdout!, 'data')) as [Buffer]
  return {
    peer: `127.0.0.1:${Number(port)}`,
    kill: () => kill(child),
    freeze: () => void child.kill('SIGSTOP'),
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

export interface Running {
  home: string
  edge: NginxEdge
  site: Site
  get(path: string, more?: Partial<HttpRequest>): Promise<HttpAnswer>
  start(): Promise<void>
  kill(): Promise<void>
  stop(): Promise<void>
  /** What it wrote until now. */
  log(): string
}

/** A real nginx with one site, `shop`, in a folder of its own. */
export async function startEdge(options: Partial<NginxOptions> = {}): Promise<Running> {
  const home = await mkdtemp(join(tmpdir(), 'edge-'))
  await chmod(home, 0o711)
  const edge = nginxEdge({ home, ...options })
  await edge.prepare()
  openGates(home, edge)
  const site: Site = {
    id: 'shop',
    port: await freePort(),
    domains: [],
    maxBodyBytes: 100_000,
    timeoutMs: 2000,
  }
  await edge.configure(opening(site))
  let child: ChildProcess | null = null
  let written = ''
  const running: Running = {
    home,
    edge,
    site,
    get: (path, more) => request({ host: '127.0.0.1', port: site.port, path, timeoutMs: 10_000, ...more }),
    async start() {
      const [program, ...args] = edgeCommand(home)
      child = spawn(program!, args, {
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
        written += chunk
        if (process.env['EDGE_LOG']) process.stderr.write(chunk)
      })
      await until(() => edge.alive(), 'nginx answers')
    },
    log: () => written,
    kill: () => kill(child!),
    async stop() {
      child?.kill('SIGTERM')
      if (child !== null && child.exitCode === null) await once(child, 'exit')
      await removeTree(home)
    },
  }
  await running.start()
  return running
}

/** Opens the gates of all peers, as the launcher of an instance does when the app's user listens. */
function openGates(home: string, edge: NginxEdge): void {
  const route = edge.route.bind(edge)
  edge.route = async (site, table) => {
    const targets = Object.values(table.services).flatMap(target => (target.kind === 'proxy' ? [target] : []))
    for (const peer of targets.flatMap(target => [
      ...target.peers,
      ...target.fallback,
      ...(target.leaving?.peers ?? []),
      ...(target.warm?.peers ?? []),
    ]))
      await writeFile(gateOf(home, peer), '')
    await route(site, table)
  }
}

export const gateOf = (home: string, peer: string): string =>
  join(home, 'edge/gates', peer.slice(peer.lastIndexOf(':') + 1))

export async function until(test: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await test()) return
    await wait(25)
  }
  throw new Error(`waited in vain: ${what}`)
}

export const proxy = (
  release: string,
  apps: readonly App[],
  more: Partial<ProxyTarget> = {},
): ProxyTarget => ({
  kind: 'proxy',
  colour: 'blue',
  release,
  peers: apps.map(app => app.peer),
  fallback: [],
  hold: false,
  ...more,
})

export const files = (roots: readonly string[], spa = false): StaticTarget => ({
  kind: 'static',
  colour: 'blue',
  release: 'r1',
  roots,
  spa,
})

export const only = (target: ProxyTarget | StaticTarget): RouteTable => ({
  routes: [{ prefix: '/', service: 'web' }],
  services: { web: target },
})
