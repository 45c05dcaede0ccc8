import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common'
import { Cron, CronExpression } from '@nestjs/schedule'
import { Generator } from './generator.service.ts'

@Injectable()
export class DailyJob implements OnApplicationBootstrap {
  readonly #log = new Logger('ServiceDays')

  constructor(private readonly generator: Generator) {}

  onApplicationBootstrap(): void {
    void this.everyTenMinutes()
  }

  /** Far more often than daily, because the one that has it today may end in the middle of it. */
  @Cron(CronExpression.EVERY_10_MINUTES, { waitForCompletion: true })
  async everyTenMinutes(): Promise<void> {
    try {
      const outcome = await this.generator.daily()
      if (outcome.is === 'made') this.#log.log(`${outcome.days} service days made`)
    } catch (error) {
      this.#log.error(`not done: ${(error as Error).message}`)
    }
  }
}
