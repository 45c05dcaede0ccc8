import { Injectable, Logger } from '@nestjs/common'
import { Cron, CronExpression } from '@nestjs/schedule'
import { RefreshTokens } from './refresh-tokens.service.ts'

@Injectable()
export class Expiry {
  readonly #log = new Logger('Expiry')

  constructor(private readonly refreshTokens: RefreshTokens) {}

  @Cron(CronExpression.EVERY_HOUR, { waitForCompletion: true })
  async everyHour(): Promise<void> {
    try {
      const deleted = await this.refreshTokens.deleteExpired(new Date())
      if (deleted > 0) this.#log.log(`${deleted} expired sessions deleted`)
    } catch (error) {
      // The next hour does what this one did not.
      this.#log.error(`not done: ${(error as Error).message}`)
    }
  }
}
