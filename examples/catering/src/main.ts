import 'reflect-metadata'
import { ConsoleLogger, Logger, ValidationPipe } from '@nestjs/common'
import { HttpAdapterHost, NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger'
import { AppModule } from './app.module.ts'
import { Config } from './config.ts'
import { DatabaseErrorsFilter } from './database/errors.filter.ts'
import { version } from './version.ts'

async function main() {
  const json = process.env.NODE_ENV === 'production'
  const logger = new ConsoleLogger({ json, logLevels: ['log', 'warn', 'error', 'fatal'] })
  const app = await NestFactory.create<NestExpressApplication>(AppModule, { logger, abortOnError: false })
  app.setGlobalPrefix('api')
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }))
  app.useGlobalFilters(new DatabaseErrorsFilter(app.get(HttpAdapterHost).httpAdapter))
  app.disable('x-powered-by')
  app.enableShutdownHooks()
  const described = new DocumentBuilder().setTitle('Parsley Catering').setVersion(version).addBearerAuth().build()
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, described))
  const { port, host } = app.get(Config)
  await app.listen(port, host)
  new Logger('Server').log(`version ${version}, serving at ${await app.getUrl()}`)
}

main().catch((error: Error) => {
  console.error(`could not start: ${error.message}`)
  process.exitCode = 1
})
