import type { Server } from 'node:http'
import { WebSocket, WebSocketServer } from 'ws'
import { log } from '../log.ts'
import type { Live } from './live.ts'

const PING_MS = 30_000
const GOING_AWAY = 1001
const FAREWELL_MS = 1000

export interface Sockets {
  count(): number
  close(): void
}

/** Serves /ws: the occupancy at once, and again at each change. */
export function serveSockets(server: Server, live: Live): Sockets {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 })
  server.on('upgrade', (request, socket, head) => {
    if (new URL(request.url ?? '/', 'http://localhost').pathname !== '/ws') return socket.destroy()
    sockets.handleUpgrade(request, socket, head, (client) => greet(client, live))
  })
  const send = (text: string) => {
    for (const client of sockets.clients) if (client.readyState === WebSocket.OPEN) client.send(text)
  }
  const stopWatching = live.watch((occupancy) => send(JSON.stringify(occupancy)))
  const pings = setInterval(() => sockets.clients.forEach((client) => client.ping()), PING_MS)
  return {
    count: () => sockets.clients.size,
    close() {
      clearInterval(pings)
      stopWatching()
      for (const client of sockets.clients) client.close(GOING_AWAY, 'restarting')
      // A client that does not answer the farewell would hold the server open.
      setTimeout(() => sockets.clients.forEach((client) => client.terminate()), FAREWELL_MS).unref()
    },
  }
}

function greet(client: WebSocket, live: Live) {
  client.on('error', (error) => log.warn('socket failed', { reason: error.message }))
  live.current().then(
    (occupancy) => client.send(JSON.stringify(occupancy)),
    () => client.close(1011, 'occupancy unknown'),
  )
}
