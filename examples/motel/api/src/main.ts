import 'reflect-metadata'
import { Logger } from '@nestjs/common'
import { createApp } from './app'
import { Config, ConfigError } from './config/config'

async function main() {
  const config = new Config(process.env)
  const app = await createApp(config)
  await app.listen(config.port, config.host)
  new Logger('Motel').log(`version ${config.version} listens on ${await app.getUrl()}`)
}

main().catch(error => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exit(1)
})
