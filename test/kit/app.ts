import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exec } from '../../server/src/drivers/host/exec.ts'
import type { Ended, Order, Server } from './server.ts'

type Files = Record<string, string>

/** The source of a test app, which tests change from release to release. */
export interface Fixture {
  name: string
  folder: string
  /** Writes these files; null removes a file. */
  write(files: Record<string, string | null>): Promise<void>
  deploy(args?: readonly string[], order?: Order): Promise<Ended>
}

/** The source of a small web service that answers with its version. */
export const serverJs = (version: string, more = ''): string => `
const http = require('node:http')
const version = ${JSON.stringify(version)}
${more}
const server = http.createServer((request, response) => {
  if (request.url === '/env') return response.end(JSON.stringify(process.env))
  if (request.url === '/node') return response.end(process.version)
  if (request.url === '/pid') return response.end(String(process.pid))
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ ready: true, version }))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGTERM', () => { server.close(() => process.exit(0)); server.closeIdleConnections() })
`

export const workerJs = `setInterval(() => {}, 1000)\n`

/** An innkeeper.yaml with short waits, so that a deploy ends in about two seconds. */
export const yaml = (name: string, more = '', web = ''): string => `name: ${name}
services:
  web:
    start: node server.js
    drain: 1s
    stopGrace: 2s
    health: { path: /health, expect: { json: { path: ready, equals: true } }, interval: 200ms, startPeriod: 15s }
${web}watch: 0
warm: 10m
buildMemory: 300MB
${more}`

/** Files of a repository whose lockfile has one package, which lies in it: an install needs no registry. */
export function workspace(name: string): Record<string, string> {
  const manifest = { name, private: true, workspaces: ['lib'], dependencies: { lib: '1.0.0' } }
  const lock = {
    name,
    lockfileVersion: 3,
    packages: {
      '': { ...manifest, private: undefined },
      'node_modules/lib': { resolved: 'lib', link: true },
      lib: { version: '1.0.0' },
    },
  }
  return {
    'package.json': JSON.stringify(manifest),
    'package-lock.json': JSON.stringify(lock),
    'lib/package.json': JSON.stringify({ name: 'lib', version: '1.0.0' }),
  }
}

/** Makes a test app. Its name must begin with t-, so that the users made for test apps can be recognised. */
export async function makeApp(server: Server, name: string, files: Files): Promise<Fixture> {
  const folder = join(server.home, 'source', name)
  const fixture: Fixture = {
    name,
    folder,
    async write(changed) {
      for (const [path, text] of Object.entries(changed)) {
        const at = join(folder, path)
        if (text === null) await rm(at, { force: true })
        else {
          await mkdir(dirname(at), { recursive: true })
          await writeFile(at, text)
          if (text.startsWith('#!')) await chmod(at, 0o755)
        }
      }
    },
    deploy: (args = [], order = {}) => server.inn(['deploy', ...args], { cwd: folder, ...order }),
  }
  await mkdir(folder, { recursive: true })
  await fixture.write(files)
  return fixture
}

/** Makes the folder a git repository with all its files committed. `ignored`: also those that .gitignore names. */
export async function commit(folder: string, { ignored = true } = {}): Promise<void> {
  const git = (...args: string[]) =>
    exec({
      argv: ['git', '-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args],
      timeoutMs: 20_000,
    })
  await git('init', '-q')
  await git('add', ...(ignored ? ['-f'] : []), '.')
  await git('commit', '-qm', 'all')
}
