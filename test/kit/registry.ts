import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

const UPSTREAM = process.env['npm_config_registry'] ?? 'https://registry.npmjs.org'
const LONGEST_MS = 120_000

/**
 * The npm registry on loopback, with the archives of packages kept in a folder: homes of tests come and go, with the
 * caches of their builds. npm checks each archive by the hash in the lockfile.
 */
export async function keepingRegistry(folder: string): Promise<{ url: string; close(): void }> {
  await mkdir(folder, { recursive: true })
  const server = createServer((request, response) => {
    answer(folder, request, response).catch((error: Error) => {
      response.writeHead(502)
      response.end(error.message)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function answer(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/'
  const kept = path.endsWith('.tgz') ? join(folder, createHash('sha256').update(path).digest('hex')) : null
  const known = kept === null ? null : await readFile(kept).catch(() => null)
  if (known !== null) return void response.end(known)
  const { accept = '*/*' } = request.headers
  const got = await fetch(`${UPSTREAM.replace(/\/$/, '')}${path}`, {
    headers: { accept },
    signal: AbortSignal.timeout(LONGEST_MS),
  })
  const body = Buffer.from(await got.arrayBuffer())
  if (kept !== null && got.ok) {
    // Put in place when whole.
    const half = `${kept}.${process.pid}`
    await writeFile(half, body)
    await rename(half, kept)
  }
  response.writeHead(got.status, { 'content-type': got.headers.get('content-type') ?? 'text/plain' })
  response.end(body)
}
