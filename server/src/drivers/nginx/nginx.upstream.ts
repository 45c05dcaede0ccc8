import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** An app for the edge's tests: `node nginx.upstream.ts blue` prints its port and answers with its name. */
const side = process.argv[2] ?? ''
const seen = new Map<string, number>()
let next = () => {}

const answers: Record<
  string,
  (request: IncomingMessage, response: ServerResponse, query: URLSearchParams) => void
> = {
  '/fail': (_request, response) => response.writeHead(500).end(`${side} is broken`),
  '/cut': request => request.socket.destroy(),
  '/slow': (_request, response, query) => setTimeout(() => response.end(side), Number(query.get('ms'))),
  '/seen': (_request, response) => response.end(JSON.stringify(Object.fromEntries(seen))),
  '/headers': (request, response) => response.end(JSON.stringify(request.headers)),
  '/wide': (_request, response, query) =>
    response.setHeader('x-wide', 'w'.repeat(Number(query.get('bytes')))).end('wide'),
  '/garbage': request => request.socket.end('HTTP/1.1 200 OK\r\nX-A: a\0b\r\n\r\n'),
  '/hints': (request, response, query) => {
    const status = Number(query.get('status') ?? 200)
    const said = query.get('say') ?? '103 Early Hints'
    for (let n = 0; n < Number(query.get('times') ?? 1); n++)
      request.socket.write(`HTTP/1.1 ${said}\r\nLink: </a.css>; rel=preload\r\n\r\n`)
    response.writeHead(status, { 'x-own': 'kept', 'set-cookie': ['a=1', 'b=2'] })
    const end = () => response.end(status === 204 ? undefined : `${side} final`)
    if (query.has('late')) setTimeout(end, 50)
    else end()
  },
  '/raw': (request, _response, query) => request.socket.end(query.get('text')!),
  '/text': (_request, response) => response.setHeader('content-type', 'text/plain').end('word '.repeat(1000)),
  '/flood': (_request, response) => {
    const more = () => {
      while (response.write('x'.repeat(65_536)));
      response.once('drain', more)
    }
    more()
  },
  '/drip': (request, response) => {
    if (request.url!.endsWith('next')) {
      next()
      response.end()
      return
    }
    // The end of the head comes in two pieces.
    const pieces = ['<head>first', '<p>second</he', 'ad>end']
    const write = () => void response.write(pieces.shift() ?? '')
    next = write
    response.setHeader('content-type', 'text/html')
    write()
  },
  '/events': (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: ${Date.now()}\n\n`)
    setInterval(() => response.write(`data: ${Date.now()}\n\n`), 100)
  },
}

const server = createServer((request, response) => {
  const url = new URL(request.url!, 'http://app')
  const mark = `${request.method} ${url.pathname}`
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
  })
  request.on('end', () => {
    seen.set(mark, (seen.get(mark) ?? 0) + 1)
    const answer = answers[url.pathname]
    // Each side has the assets that have its name.
    if (/assets|_next|_nuxt/.test(url.pathname) && !url.pathname.includes(side))
      response.writeHead(404).end(`not of ${side}`)
    else if (answer === undefined) response.end(`${side} ${request.method} ${request.url} ${size}`)
    else answer(request, response, url.searchParams)
  })
})

/** A minimal WebSocket: answers each message with one text frame that says which side this is. */
server.on('upgrade', (request, socket) => {
  const key = createHash('sha1').update(
    `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
  )
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${key.digest('base64')}\r\n\r\n`,
  )
  socket.on('error', () => socket.destroy())
  socket.on('data', () => socket.write(Buffer.concat([Buffer.from([0x81, side.length]), Buffer.from(side)])))
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`)
})
