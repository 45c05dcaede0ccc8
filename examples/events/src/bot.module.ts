import { Module } from '@nestjs/common'
import { ScheduleModule } from '@nestjs/schedule'
import { InstancesModule } from './instances/instances.module.ts'
import { Jobs } from './instances/jobs.service.ts'
import { TelegramModule } from './telegram/telegram.module.ts'

/** All that may run once only: polling, sending, and what happens each minute. */
@Module({ imports: [ScheduleModule.forRoot(), InstancesModule, TelegramModule], providers: [Jobs] })
export class BotModule {}
