import { ConsoleLogger, ValidationPipe, type LogLevel } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { AppModule } from './app.module'
import type { Config } from './config/config'
import { LiveAdapter } from './live/live.adapter'

/** The whole application, not listening yet. */
export async function createApp(config: Config, logLevels: LogLevel[] = ['log', 'warn', 'error', 'fatal']) {
  // A line of JSON for machines, colours for people.
  const logger = new ConsoleLogger({ json: config.production, logLevels })
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(config), { logger })
  app.disable('x-powered-by')
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }))
  app.useWebSocketAdapter(new LiveAdapter(app))
  return app
}
