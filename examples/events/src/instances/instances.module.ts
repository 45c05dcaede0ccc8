import { Module } from '@nestjs/common'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { Announcer } from './announcer.service.ts'
import { InstanceMaker } from './instance-maker.service.ts'
import { InstancesService } from './instances.service.ts'

@Module({
  imports: [OutboxModule],
  providers: [InstanceMaker, Announcer, InstancesService],
  exports: [InstanceMaker, Announcer, InstancesService],
})
export class InstancesModule {}
