import { ConfigError, readConfig } from './config.ts'
import { log } from './log.ts'
import { serve } from './serve.ts'
import { version } from './version.ts'

async function main() {
  const config = readConfig(process.env)
  const running = await serve(config)
  log.info('serving', { version, stage: config.stage, host: config.host, port: running.port })
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      log.info('stopping', { signal })
      void running.drain().then(running.stop).finally(() => process.exit(0))
    })
  }
}

main().catch((error: Error) => {
  log.error(error instanceof ConfigError ? error.message : 'could not start', { reason: error.message })
  process.exit(1)
})
