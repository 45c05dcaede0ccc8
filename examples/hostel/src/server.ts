import { ConfigError, readConfig } from './config.ts'
import { log } from './log.ts'
import { serve } from './serve.ts'
import { openStorage } from './storage/open.ts'
import { version } from './version.ts'

const PATIENCE_MS = 4500

async function main() {
  const config = readConfig(process.env)
  const storage = await openStorage(config)
  const running = await serve(config, storage)
  log.info('serving', { version, host: config.host, port: running.port, storage: config.storage })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(signal, running.stop))
}

function stop(signal: string, finish: () => Promise<void>) {
  log.info('stopping', { signal })
  setTimeout(() => {
    log.warn('stopped with requests still open')
    process.exit(0)
  }, PATIENCE_MS).unref()
  finish().then(
    () => process.exit(0),
    (error: Error) => {
      log.error('did not stop cleanly', { reason: error.message })
      process.exit(1)
    },
  )
}

main().catch((error: Error) => {
  log.error(error instanceof ConfigError ? error.message : 'could not start', { reason: error.message })
  process.exit(1)
})
