import { Module } from '@nestjs/common'
import { Config } from '../config.ts'
import { Courier } from './courier.service.ts'
import { OutboxController } from './outbox.controller.ts'
import { OutboxService } from './outbox.service.ts'
import { DELIVER, deliverTo } from './webhook.ts'

@Module({
  controllers: [OutboxController],
  providers: [
    OutboxService,
    Courier,
    { provide: DELIVER, inject: [Config], useFactory: ({ webhookUrl }: Config) => deliverTo(webhookUrl) },
  ],
  exports: [OutboxService],
})
export class OutboxModule {}
