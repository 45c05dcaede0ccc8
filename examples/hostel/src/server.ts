import { ConfigError, readConfig } from './config.ts'
import { log } from './log.ts'
import { serve } from './serve.ts'
import { openStorage } from './storage/open.ts'
import { version } from './version.ts'

async function main() {
  const config = readConfig(process.env)
  const storage = await openStorage(config)
  const running = await serve(config, storage)
  log.info('serving', { version, host: config.host, port: running.port, storage: config.storage })
}

main().catch((error: Error) => {
  log.error(error instanceof ConfigError ? error.message : 'could not start', { reason: error.message })
  process.exit(1)
})
