import { Module } from '@nestjs/common'
import { AccountsModule } from '../accounts/accounts.module.ts'
import { OutboxModule } from '../outbox/outbox.module.ts'
import { VotingModule } from '../voting/voting.module.ts'
import { botProvider } from './bot.ts'
import { Commands } from './commands.service.ts'
import { Poller } from './poller.service.ts'
import { PulseModule } from './pulse.module.ts'
import { Sender } from './sender.service.ts'
import { Votes } from './votes.service.ts'

@Module({
  imports: [AccountsModule, OutboxModule, PulseModule, VotingModule],
  providers: [botProvider, Commands, Votes, Poller, Sender],
})
export class TelegramModule {}
