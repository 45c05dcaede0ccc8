import { Module } from '@nestjs/common'
import { OutboxService } from './outbox.service.ts'

@Module({ providers: [OutboxService], exports: [OutboxService] })
export class OutboxModule {}
