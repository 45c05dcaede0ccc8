/** The app that is measured: answers what the demo's visitors ask, without a dependency. Writes go to a file that all releases share. */
const { appendFileSync, mkdirSync, readFileSync } = require('node:fs')
const { createServer } = require('node:http')
const { createHash } = require('node:crypto')

const folder = process.env.DATA ?? 'data'
mkdirSync(folder, { recursive: true })
const log = `${folder}/writes`
const version = process.env.INNKEEPER_RELEASE ?? process.env.VERSION ?? 'none'

const server = createServer((request, response) => {
  const json = (status, value) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (request.url === '/health') return json(200, { status: 'ok' })
  if (request.url === '/api/version') return json(200, { version })
  if (request.url === '/api/stream')
    return void response.writeHead(200, { 'content-type': 'text/event-stream' }).write('data: 1\n\n')
  if (request.url === '/api/count')
    return json(200, { count: readFileSync(log, 'utf8').split('\n').length - 1 })
  if (request.method !== 'POST') return json(200, { hello: 'x'.repeat(150) })
  let body = ''
  request.on('data', chunk => (body += chunk))
  request.on('end', () => {
    appendFileSync(log, `${JSON.parse(body).ref}\n`)
    json(201, { ok: true })
  })
})

server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1')
    .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest('base64')
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  )
  socket.on('data', () => {})
  socket.on('error', () => {})
})
server.listen(process.env.PORT, '127.0.0.1', () => process.send?.('ready'))
