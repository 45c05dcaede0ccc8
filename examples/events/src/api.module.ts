import { Module } from '@nestjs/common'
import { AccountsController } from './accounts/accounts.controller.ts'
import { AccountsModule } from './accounts/accounts.module.ts'
import { InstancesController } from './instances/instances.controller.ts'
import { InstancesModule } from './instances/instances.module.ts'
import { SeriesController } from './series/series.controller.ts'
import { SeriesModule } from './series/series.module.ts'
import { ParticipantsController } from './voting/participants.controller.ts'
import { VotingModule } from './voting/voting.module.ts'

/** Controllers are here and not in the modules of their nouns, because the bot shares those and has no API. */
@Module({
  imports: [AccountsModule, SeriesModule, InstancesModule, VotingModule],
  controllers: [AccountsController, SeriesController, InstancesController, ParticipantsController],
})
export class ApiModule {}
