import { Module } from '@nestjs/common'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { DailyJob } from './daily.service.ts'
import { Generator } from './generator.service.ts'
import { ServiceDaysController } from './service-days.controller.ts'
import { ServiceDaysService } from './service-days.service.ts'

@Module({
  imports: [OutboxModule],
  controllers: [ServiceDaysController],
  providers: [ServiceDaysService, Generator, DailyJob],
  exports: [Generator],
})
export class ServiceDaysModule {}
