import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** A comment that somebody wrote, with every text that it had. */
export interface Written {
  /** The path of the request that made it. */
  path: string
  texts: string[]
}

/** A provider on loopback: repositories below a folder, by git's own server, and an API that takes comments. */
export interface Forge {
  url: string
  comments: Written[]
  /** Requests that had not the token. */
  refused: number
  close(): Promise<void>
}

/** `folder`: with bare repositories in it; `token`: asked for by both. */
export async function makeForge(folder: string, token: string): Promise<Forge> {
  const forge = { comments: [] as Written[], refused: 0 }
  const server = createServer((request, response) => {
    const { authorization = '' } = request.headers
    const [, basic = ''] = authorization.split('Basic ')
    const good = authorization === `Bearer ${token}` || atob(basic).endsWith(`:${token}`)
    if (!good) forge.refused++
    if (!good) response.writeHead(401, { 'www-authenticate': 'Basic' }).end()
    else if (request.url!.startsWith('/api/')) void comment(forge.comments, request, response)
    else void backend(folder, request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return Object.assign(forge, { url: `http://127.0.0.1:${port}`, close: () => closed(server) })
}

const closed = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

async function comment(
  comments: Written[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { body } = JSON.parse((await buffer(request)).toString()) as { body: string }
  const known = /\/comments\/(\d+)$/.exec(request.url!)
  const id = known === null ? comments.push({ path: request.url!, texts: [] }) : Number(known[1])
  comments[id - 1]!.texts.push(body)
  response.writeHead(known === null ? 201 : 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ id }))
}

/** git's own server for HTTP, as a CGI program. */
async function backend(folder: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url!, 'http://x')
  const child = spawn('git', ['http-backend'], {
    env: {
      ...{
        PATH: process.env['PATH'],
        GIT_PROJECT_ROOT: folder,
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: pathname,
      },
      ...{ REQUEST_METHOD: request.method, QUERY_STRING: searchParams.toString() },
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
    },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  request.pipe(child.stdin)
  const said = await buffer(child.stdout)
  const end = said.indexOf('\r\n\r\n')
  const headers = said
    .subarray(0, end)
    .toString()
    .split('\r\n')
    .map(line => line.split(': ') as [string, string])
  const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200'
  response.writeHead(
    Number.parseInt(status, 10),
    Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
  )
  response.end(said.subarray(end + 4))
}
