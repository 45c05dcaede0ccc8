import { Catch, ConflictException, NotFoundException, ServiceUnavailableException, type ArgumentsHost } from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'
import { Prisma } from '../generated/prisma/client'

const UNIQUE = 'P2002'
const FOREIGN_KEY = 'P2003'
const NOT_FOUND = 'P2025'
/** Not reached, timed out, closed, no connection free. */
const AWAY = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024'])

/** Of the operating system, like ECONNREFUSED: the driver passes them on as they are. */
const isOfTheSystem = (code: string) => /^E[A-Z]+$/.test(code)

/** Says in HTTP what the database refused. */
@Catch(Prisma.PrismaClientKnownRequestError, Prisma.PrismaClientInitializationError)
export class DatabaseFailures extends BaseExceptionFilter {
  override catch(error: Prisma.PrismaClientKnownRequestError | Prisma.PrismaClientInitializationError, host: ArgumentsHost) {
    super.catch(this.httpOf(error), host)
  }

  private httpOf(error: Prisma.PrismaClientKnownRequestError | Prisma.PrismaClientInitializationError): Error {
    const code = 'code' in error ? error.code : error.errorCode
    if (code === UNIQUE) return new ConflictException('There is one like this already.')
    if (code === FOREIGN_KEY || code === NOT_FOUND) return new NotFoundException('What this refers to is not there.')
    if (!code || AWAY.has(code) || isOfTheSystem(code)) return new ServiceUnavailableException('The database is away. Try again in a moment.')
    return error
  }
}
