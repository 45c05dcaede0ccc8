import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDrain } from '@innkeeper/sdk/drain'
import { makeApp } from './app.ts'
import type { Config } from './config.ts'
import { healthOf } from './health/health.ts'
import { Sessions } from './http/session.ts'
import { Live } from './live/live.ts'
import { serveSockets } from './live/sockets.ts'
import { Streams } from './live/stream.ts'
import { log } from './log.ts'
import { lettersBy } from './messages/messages.ts'
import type { Storage } from './storage/storage.ts'

const PATIENCE_MS = 4500

/** Serves until a signal ends the process: what was asked is answered, and then everything is let go of. */
export async function serve(config: Config, storage: Storage): Promise<{ port: number }> {
  const live = new Live(storage)
  const streams = new Streams(live)
  const server = createServer()
  const sockets = serveSockets(server, live)
  const sessions = new Sessions(() => storage.accounts, config.sessionSecret)
  const health = healthOf(storage)
  const drain = createDrain({ server, health, graceMs: PATIENCE_MS })
  drain.before(() => log.info('stopping'))
  drain.before(() => sockets.close())
  drain.before(() => streams.close())
  drain.after(() => live.close())
  drain.after(() => storage.close())
  const deps = { config, health, storage, sessions, live, streams, sockets: sockets.count, letters: lettersBy() }
  server.on('request', makeApp(deps))
  await listening(server, config)
  return { port: (server.address() as AddressInfo).port }
}

function listening(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}
