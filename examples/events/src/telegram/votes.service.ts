import { Injectable } from '@nestjs/common'
import type { Bot } from 'grammy'
import { MAX_GUESTS, type Outcome, type Vote } from '../voting/line.ts'
import { VotingService } from '../voting/voting.service.ts'
import { nameOf } from './commands.service.ts'

const told: Record<Outcome | 'closed', string> = {
  joined: 'You are in.',
  waiting: 'It is full: you are on the waiting list.',
  'already-in': 'You are on the list already.',
  'guest-joined': 'A seat for your guest.',
  'guest-waiting': 'It is full: your guest is on the waiting list.',
  'too-many-guests': `You can bring ${MAX_GUESTS} guests, not more.`,
  left: 'You and your guests are off the list.',
  'not-in': 'You are not on the list.',
  closed: 'Voting is closed.',
}

@Injectable()
export class Votes {
  constructor(private readonly voting: VotingService) {}

  register(bot: Bot): void {
    bot.callbackQuery(/^(join|guest|leave):(\d+)$/, async context => {
      const [, vote, id] = context.match
      const voter = { telegramId: BigInt(context.from.id), name: nameOf(context.from) }
      const outcome = await this.voting.vote(Number(id), voter, vote as Vote)
      // Not by the outbox: the button of the one who pressed it turns until this is there, and it counts towards no limit.
      await context.answerCallbackQuery({ text: told[outcome] })
    })
  }
}
