import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Socket, io } from 'socket.io-client'

export const PASSWORD = 'open sesame'
const BUILD = resolve(import.meta.dirname, '../../dist')

const environment = (env: Record<string, string>) => ({
  PATH: process.env.PATH,
  PORT: '0',
  SESSION_SECRET: 'a secret of the tests, long enough',
  SEED_PASSWORD: PASSWORD,
  ...env,
})

export async function seed(databaseUrl: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [resolve(BUILD, 'seed.js'), ...args], {
    env: environment({ DATABASE_URL: databaseUrl }),
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`the seed ended with ${code}`)
}

export interface App {
  url: string
  child: ChildProcess
  /** For good and at once, as nothing else ends it while sockets are open. */
  kill(): Promise<void>
}

export async function startApp(env: Record<string, string>): Promise<App> {
  const child = spawn(process.execPath, [resolve(BUILD, 'server.js')], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await new Promise<number>((found, failed) => {
    createInterface(child.stdout!).on('line', (line) => {
      const entry = JSON.parse(line)
      if (entry.msg === 'serving') found(entry.port)
    })
    child.once('exit', (code) => failed(new Error(`the app ended with ${code}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
}

export interface Answer { status: number; body: any; text: string }

/** Somebody at a browser. */
export interface Visitor {
  id: number
  cookie: string
  ask(method: string, path: string, body?: unknown): Promise<Answer>
}

export async function logIn(app: { url: string }, email: string): Promise<Visitor> {
  const response = await fetch(`${app.url}/api/log-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: PASSWORD }),
  })
  if (!response.ok) throw new Error(`no log-in for ${email}: ${await response.text()}`)
  const cookie = response.headers.getSetCookie()[0]!.split(';')[0]!
  const { id } = (await response.json()) as { id: number }
  return { id, cookie, ask: (method, path, body) => ask(app, { method, path, body, cookie }) }
}

export async function ask(app: { url: string }, request: { method?: string; path: string; body?: unknown; cookie?: string }): Promise<Answer> {
  const response = await fetch(`${app.url}/api${request.path}`, {
    method: request.method ?? 'GET',
    headers: { 'content-type': 'application/json', ...(request.cookie ? { cookie: request.cookie } : {}) },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json')
  return { status: response.status, body: isJson ? JSON.parse(text) : undefined, text }
}

export async function connect(app: { url: string }, visitor: { cookie: string }): Promise<Socket> {
  const socket = io(app.url, { transports: ['websocket'], extraHeaders: { cookie: visitor.cookie }, forceNew: true })
  await new Promise<void>((done, failed) => {
    socket.once('connect', done)
    socket.once('connect_error', failed)
  })
  return socket
}
