import { Module } from '@nestjs/common'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { VotingService } from './voting.service.ts'

@Module({ imports: [OutboxModule], providers: [VotingService], exports: [VotingService] })
export class VotingModule {}
