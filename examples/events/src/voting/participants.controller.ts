import { Body, ConflictException, Controller, Delete, Get, Param, ParseIntPipe, Post, UseGuards } from '@nestjs/common'
import { IsInt, IsString, Length, Min } from 'class-validator'
import { ApiKeyGuard } from '../accounts/api-key.guard.ts'
import { type Caller, CurrentCaller } from '../accounts/caller.ts'
import { InstancesService } from '../instances/instances.service.ts'
import type { Vote } from './line.ts'
import { type Voter, VotingService } from './voting.service.ts'

class Participant {
  @IsInt()
  @Min(1)
  telegramId!: number

  @IsString()
  @Length(1, 64)
  name!: string
}

/** What people do with the buttons, done for them by whoever runs the event. */
@Controller('api/instances/:id/participants')
@UseGuards(ApiKeyGuard)
export class ParticipantsController {
  constructor(
    private readonly instances: InstancesService,
    private readonly voting: VotingService,
  ) {}

  @Get()
  async list(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    await this.instances.one(caller, id)
    return this.voting.participants(id)
  }

  @Post()
  join(
    @CurrentCaller() caller: Caller,
    @Param('id', ParseIntPipe) id: number,
    @Body() { telegramId, name }: Participant,
  ) {
    return this.#vote(caller, id, { telegramId: BigInt(telegramId), name }, 'join')
  }

  @Post(':telegramId/guests')
  async guest(
    @CurrentCaller() caller: Caller,
    @Param('id', ParseIntPipe) id: number,
    @Param('telegramId', ParseIntPipe) telegramId: number,
  ) {
    return this.#vote(caller, id, await this.voting.known(telegramId), 'guest')
  }

  @Delete(':telegramId')
  async leave(
    @CurrentCaller() caller: Caller,
    @Param('id', ParseIntPipe) id: number,
    @Param('telegramId', ParseIntPipe) telegramId: number,
  ) {
    return this.#vote(caller, id, await this.voting.known(telegramId), 'leave')
  }

  async #vote(caller: Caller, id: number, voter: Voter, vote: Vote) {
    await this.instances.one(caller, id)
    const outcome = await this.voting.vote(id, voter, vote)
    if (outcome === 'closed') throw new ConflictException('It has begun, or is cancelled')
    return { outcome, ...(await this.voting.participants(id)) }
  }
}
