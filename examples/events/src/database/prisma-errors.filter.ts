import {
  type ArgumentsHost,
  Catch,
  ConflictException,
  type HttpException,
  Logger,
  NotFoundException,
  ServiceUnavailableException,
} from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { Prisma } from '../generated/prisma/client.ts'

const UNREACHABLE = ['P1000', 'P1001', 'P1002', 'P1008', 'P1017', 'P2024']

/** What the database refused, said as HTTP; the rest stays a 500 with its stack in the log. */
@Catch(Prisma.PrismaClientKnownRequestError)
export class PrismaErrorsFilter extends BaseExceptionFilter {
  readonly #log = new Logger('Database')

  override catch(error: Prisma.PrismaClientKnownRequestError, host: ArgumentsHost): void {
    super.catch(this.#asHttp(error) ?? error, host)
  }

  #asHttp({ code, message }: Prisma.PrismaClientKnownRequestError): HttpException | undefined {
    if (code === 'P2002') return new ConflictException('There is one with this name already')
    if (code === 'P2025') return new NotFoundException('There is no such record')
    if (!UNREACHABLE.includes(code)) return undefined
    this.#log.error(`not reachable: ${message.trim().split('\n').at(-1)}`)
    return new ServiceUnavailableException('The database does not answer')
  }
}
