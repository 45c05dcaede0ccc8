import { execFile, type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)

export const root = resolve(import.meta.dirname, '../..')

export interface Started {
  url: string
  child: ChildProcess
  /** Every line of the log so far, parsed. */
  lines: { level: string; msg: string; reason?: string }[]
  stop(): Promise<number | null>
}

type Env = Record<string, string>

const environment = (env: Env) => ({ PATH: process.env.PATH, TZ: 'UTC', ...env })

/** Runs one of the programs of a build and waits for its end. */
export function program(name: string, options: { env?: Env; args?: string[]; build?: string }) {
  const { env = {}, args = [], build = resolve(root, 'dist') } = options
  return run(process.execPath, [resolve(build, `${name}.js`), ...args], { env: environment(env) })
}

export async function startApp(env: Env = {}, build = resolve(root, 'dist')): Promise<Started> {
  const child = spawn(process.execPath, [resolve(build, 'server.js')], {
    env: environment({ PORT: '0', ...env }),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines: Started['lines'] = []
  const port = await new Promise<number>((found, failed) => {
    createInterface(child.stdout!).on('line', (line) => {
      const entry = JSON.parse(line)
      lines.push(entry)
      if (entry.msg === 'serving') found(entry.port)
    })
    child.once('exit', (code) => failed(new Error(`the app ended with ${code}: ${JSON.stringify(lines)}`)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    lines,
    async stop() {
      if (child.exitCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return child.exitCode
    },
  }
}

export async function json(url: string, init: { method?: string; body?: unknown; headers?: Record<string, string> } = {}) {
  const { body, headers, method = body === undefined ? 'GET' : 'POST' } = init
  const response = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text && JSON.parse(text), headers: response.headers }
}

export async function logIn(url: string): Promise<{ cookie: string }> {
  const { headers } = await json(`${url}/api/session`, { body: { email: 'admin@harbour.example', password: 'harbour-demo' } })
  return { cookie: headers.getSetCookie()[0]!.split(';')[0]! }
}

/** Asks until `done` says yes, and gives up after ten seconds. */
export async function until<T>(ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 10_000
  for (;;) {
    const answer = await ask()
    if (done(answer)) return answer
    if (Date.now() > end) throw new Error(`still not so after ten seconds: ${JSON.stringify(answer)}`)
    await new Promise((resume) => setTimeout(resume, 50))
  }
}
