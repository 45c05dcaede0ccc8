import { Injectable } from '@nestjs/common'
import type { Bot, CommandContext, Context } from 'grammy'
import { AccountsService } from '../accounts/accounts.service.ts'
import { PrismaService } from '../database/prisma.service.ts'
import type { LogAction } from '../generated/prisma/client.ts'
import { OutboxService } from '../outbox/outbox.service.ts'
import { whenOf } from './card.ts'

const AUDIT_LINES = 20
const NEXT_EVENTS = 5

const said: Record<LogAction, string> = {
  JOINED: 'joined',
  WAITING: 'went on the waiting list',
  GUEST_JOINED: 'brought a guest',
  GUEST_WAITING: 'put a guest on the waiting list',
  LEFT: 'left',
  MOVED_UP: 'moved up to a seat',
}

const help = [
  '/start KEY binds you to an account, in private.',
  '/events lists what comes next in a group.',
  '/chat tells the id of a group, for the API.',
  '/audit shows account owners who joined and left, in private.',
].join('\n')

export const commands = [
  { command: 'start', description: 'Bind yourself to an account' },
  { command: 'events', description: 'What comes next in this group' },
  { command: 'chat', description: 'The id of this group' },
  { command: 'audit', description: 'Who joined and left, for account owners' },
  { command: 'help', description: 'What this bot can do' },
]

@Injectable()
export class Commands {
  constructor(
    private readonly accounts: AccountsService,
    private readonly prisma: PrismaService,
    private readonly outbox: OutboxService,
  ) {}

  register(bot: Bot): void {
    const answer = (command: string, text: (context: CommandContext<Context>) => Promise<string> | string) =>
      bot.command(command, async context => this.outbox.say(BigInt(context.chat.id), await text(context)))
    answer('start', context => this.#start(context))
    answer('events', context => this.#events(context))
    answer('chat', context => `The id of this chat is ${context.chat.id}`)
    answer('audit', context => this.#audit(context))
    answer('help', () => help)
  }

  async #start(context: CommandContext<Context>): Promise<string> {
    const key = context.match.trim()
    if (!key) return help
    if (context.chat.type !== 'private')
      return 'Everyone here has read that key now. Replace it, and send me the new one in private.'
    const user = { telegramId: BigInt(context.from!.id), name: nameOf(context.from!) }
    const account = await this.accounts.bind(key, user)
    return account ? `You belong to ${account.name} now. /audit shows its log.` : 'I do not know this key.'
  }

  async #events(context: CommandContext<Context>): Promise<string> {
    const instances = await this.prisma.instance.findMany({
      where: { startsAt: { gt: new Date() }, cancelledAt: null, series: { chatId: context.chat.id } },
      include: { series: true },
      orderBy: { startsAt: 'asc' },
      take: NEXT_EVENTS,
    })
    if (instances.length === 0) return 'Nothing is planned in this chat.'
    return instances.map(({ startsAt, series }) => `${whenOf(startsAt, series.timezone)}: ${series.title}`).join('\n')
  }

  async #audit(context: CommandContext<Context>): Promise<string> {
    if (context.chat.type !== 'private') return 'Ask me in private.'
    const user = await this.prisma.user.findUnique({ where: { telegramId: context.from!.id } })
    if (!user?.accountId) return 'This is for account owners: send /start with your API key first.'
    const rows = await this.prisma.participationLog.findMany({
      where: { instance: { series: { accountId: user.accountId } } },
      include: { user: true, instance: { include: { series: true } } },
      orderBy: { id: 'desc' },
      take: AUDIT_LINES,
    })
    if (rows.length === 0) return 'Nobody has joined or left yet.'
    return rows
      .map(
        ({ at, action, user: { name }, instance: { series } }) =>
          `${whenOf(at, series.timezone)} ${name} ${said[action]}: ${series.title}`,
      )
      .join('\n')
  }
}

export function nameOf({ first_name, last_name }: { first_name: string; last_name?: string }): string {
  return [first_name, last_name].filter(Boolean).join(' ').slice(0, 64)
}
