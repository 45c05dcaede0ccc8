import { Module } from '@nestjs/common'
import { InstancesModule } from '../instances/instances.module.ts'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { SeriesService } from './series.service.ts'

@Module({ imports: [InstancesModule, OutboxModule], providers: [SeriesService], exports: [SeriesService] })
export class SeriesModule {}
