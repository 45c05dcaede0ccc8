import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common'
import { Cron, CronExpression } from '@nestjs/schedule'
import { Announcer } from './announcer.service.ts'
import { InstanceMaker } from './instance-maker.service.ts'

@Injectable()
export class Jobs implements OnApplicationBootstrap {
  readonly #log = new Logger('Jobs')

  constructor(
    private readonly maker: InstanceMaker,
    private readonly announcer: Announcer,
  ) {}

  onApplicationBootstrap(): void {
    void this.everyMinute()
  }

  @Cron(CronExpression.EVERY_MINUTE, { waitForCompletion: true })
  async everyMinute(): Promise<void> {
    try {
      const now = new Date()
      const made = await this.maker.makeAll(now)
      const announced = await this.announcer.announceDue(now)
      if (made + announced > 0) this.#log.log(`${made} instances made, ${announced} announced`)
    } catch (error) {
      // The next minute does what this one did not.
      this.#log.error(`not done: ${(error as Error).message.trim().split('\n').at(-1)}`)
    }
  }
}
