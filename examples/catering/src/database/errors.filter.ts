import {
  type ArgumentsHost,
  BadRequestException,
  Catch,
  ConflictException,
  HttpException,
  Logger,
  ServiceUnavailableException,
} from '@nestjs/common'
import { BaseExceptionFilter } from '@nestjs/core'

const UNIQUE_VIOLATION = '23505'
/** A number that is too large, and a zero in a text. */
const UNFIT = ['22003', '22021']
/** Refused, reset, or a server that starts, stops or has no connection left. */
const UNREACHABLE = /^(ECONN\w+|ENOENT|EPIPE|ETIMEDOUT|08\w{3}|57P0[123]|53300)$/
/** pg gives these no code. */
const BROKEN = /timeout exceeded when trying to connect|Connection terminated/

/** What the database refused, said as HTTP; the rest stays a 500 with its stack in the log. */
@Catch()
export class DatabaseErrorsFilter extends BaseExceptionFilter {
  readonly #log = new Logger('Database')

  override catch(error: unknown, host: ArgumentsHost): void {
    super.catch(error instanceof HttpException ? error : (this.#asHttp(error) ?? error), host)
  }

  #asHttp(error: unknown): HttpException | undefined {
    if (!(error instanceof Error)) return undefined
    // Drizzle wraps what pg throws, except when there is no connection to begin with.
    const cause = (error.cause instanceof Error ? error.cause : error) as Error & { code?: string }
    if (cause.code === UNIQUE_VIOLATION) return new ConflictException('There is one like this already')
    if (UNFIT.includes(cause.code ?? ''))
      return new BadRequestException(`The database cannot hold this: ${cause.message}`)
    if (!UNREACHABLE.test(cause.code ?? '') && !BROKEN.test(cause.message)) return undefined
    this.#log.error(`not reachable: ${cause.message}`)
    return new ServiceUnavailableException('The database does not answer')
  }
}
