import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { makeApp } from './app.ts'
import type { Config } from './config.ts'
import { Sessions } from './http/session.ts'
import { Live } from './live/live.ts'
import { serveSockets } from './live/sockets.ts'
import { Streams } from './live/stream.ts'
import { lettersBy } from './messages/messages.ts'
import type { Storage } from './storage/storage.ts'

export interface Running {
  port: number
  /** Answers what has been asked, then lets go of everything. */
  stop(): Promise<void>
}

export async function serve(config: Config, storage: Storage): Promise<Running> {
  const live = new Live(storage)
  const streams = new Streams(live)
  const server = createServer()
  const sockets = serveSockets(server, live)
  const sessions = new Sessions(() => storage.accounts, config.sessionSecret)
  server.on('request', makeApp({ config, storage, sessions, live, streams, sockets: sockets.count, letters: lettersBy() }))
  await listening(server, config)
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      const closed = closing(server)
      sockets.close()
      streams.close()
      await closed
      live.close()
      await storage.close()
    },
  }
}

function listening(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

async function closing(server: Server): Promise<void> {
  // A kept-alive connection goes idle again after its last answer, and nothing else would close it then.
  const sweep = setInterval(() => server.closeIdleConnections(), 50)
  await new Promise((resolve) => server.close(resolve))
  clearInterval(sweep)
}
