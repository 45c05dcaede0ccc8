import 'reflect-metadata'
import { ConsoleLogger, Logger, ValidationPipe } from '@nestjs/common'
import { HttpAdapterHost, NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { AppModule, type Part, parts } from './app.module.ts'
import { Config } from './config.ts'
import { PrismaErrorsFilter } from './database/prisma-errors.filter.ts'
import { version } from './version.ts'

/** `node main.js api` serves the API, `node main.js bot` polls and sends, without a word it does both. */
async function main(part: string = 'all') {
  if (!parts.includes(part as Part)) throw new Error(`There is no part ${part}: ${parts.join(', ')}`)
  const json = process.env.NODE_ENV === 'production'
  const logger = new ConsoleLogger({ json, logLevels: ['log', 'warn', 'error', 'fatal'] })
  const app = await NestFactory.create<NestExpressApplication>(AppModule.of(part as Part), {
    logger,
    abortOnError: false,
  })
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }))
  app.useGlobalFilters(new PrismaErrorsFilter(app.get(HttpAdapterHost).httpAdapter))
  app.disable('x-powered-by')
  app.enableShutdownHooks()
  const { port, host } = app.get(Config)
  await app.listen(port, host)
  new Logger('Server').log(`version ${version}, part ${part}, serving at ${await app.getUrl()}`)
}

main(process.argv[2]).catch((error: Error) => {
  console.error(`could not start: ${error.message}`)
  process.exitCode = 1
})
