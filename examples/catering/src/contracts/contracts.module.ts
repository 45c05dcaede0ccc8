import { Module } from '@nestjs/common'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { ServiceDaysModule } from '../service-days/service-days.module.ts'
import { ContractsController } from './contracts.controller.ts'
import { ContractsService } from './contracts.service.ts'

@Module({
  imports: [OutboxModule, ServiceDaysModule],
  controllers: [ContractsController],
  providers: [ContractsService],
})
export class ContractsModule {}
