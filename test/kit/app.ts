import { chmod, mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { exec } from '../../server/src/drivers/host/exec.ts'
import type { Ended, Order, Server } from './server.ts'

type Files = Record<string, string>

/** An app's source in the home, changed from release to release. */
export interface Fixture {
  name: string
  folder: string
  /** Writes files over those that are there; null removes one. */
  write(files: Record<string, string | null>): Promise<void>
  deploy(args?: readonly string[], order?: Order): Promise<Ended>
}

/** A small web service: what it answers is its version. */
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

/** innkeeper.yaml with the waits of a test: a deploy ends in about two seconds. */
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

/** Names begin with t-: the users that are made for them are told from others by it. */
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

/** Makes the folder a repository with everything in it committed, ignored files too. */
export async function commit(folder: string): Promise<void> {
  const git = (...args: string[]) =>
    exec({
      argv: ['git', '-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args],
      timeoutMs: 20_000,
    })
  await git('init', '-q')
  await git('add', '-f', '.')
  await git('commit', '-qm', 'all')
}
