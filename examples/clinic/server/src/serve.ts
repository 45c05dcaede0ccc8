import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { LogIns } from './accounts/login.ts'
import { makeApp } from './app.ts'
import { serveChat } from './chat/sockets.ts'
import type { Config } from './config.ts'
import { openPool } from './database/pool.ts'

export interface Running {
  port: number
  /**
   * Ends when the last connection has ended. Open chats count, and nobody closes them here: whoever writes goes on
   * writing, and this waits for them, however long that takes.
   */
  drain(): Promise<void>
  /** Cuts what is open. */
  stop(): Promise<void>
}

export async function serve(config: Config): Promise<Running> {
  const pool = openPool(config)
  const logIns = new LogIns(pool, config.sessionSecret)
  const server = createServer(makeApp({ config, pool, logIns }))
  const chat = await serveChat(server, { pool, logIns, databaseUrl: config.databaseUrl })
  await listening(server, config)
  return {
    port: (server.address() as AddressInfo).port,
    drain: () => new Promise((resolve) => server.close(() => resolve())),
    async stop() {
      await chat.close()
      server.closeAllConnections()
      await pool.end()
    },
  }
}

function listening(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}
