import { BullModule } from '@nestjs/bullmq'
import { Module } from '@nestjs/common'
import { Notifications, QUEUE } from './notifications'
import { NotificationsController } from './notifications.controller'
import { NotificationsWorker } from './notifications.worker'

const RETRY = { attempts: 5, backoff: { type: 'exponential', delay: 500 } }

@Module({
  imports: [
    BullModule.registerQueue({
      name: QUEUE,
      defaultJobOptions: { ...RETRY, removeOnComplete: 1000, removeOnFail: 1000 },
    }),
  ],
  controllers: [NotificationsController],
  providers: [Notifications, NotificationsWorker],
  exports: [Notifications],
})
export class NotificationsModule {}
