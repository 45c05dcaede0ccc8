import { Injectable } from '@nestjs/common'
import { PrismaService } from '../database/prisma.service.ts'
import type { Account } from '../generated/prisma/client.ts'
import { hashOf, newKey } from './api-key.ts'

const shown = { id: true, name: true, createdAt: true, disabledAt: true } as const

@Injectable()
export class AccountsService {
  constructor(private readonly prisma: PrismaService) {}

  /** The key is in this answer and nowhere else. */
  async add(name: string) {
    const apiKey = newKey()
    const account = await this.prisma.account.create({ data: { name, keyHash: hashOf(apiKey) }, select: shown })
    return { ...account, apiKey }
  }

  all() {
    return this.prisma.account.findMany({ select: shown, orderBy: { id: 'asc' } })
  }

  one(id: number) {
    return this.prisma.account.findUniqueOrThrow({ where: { id }, select: shown })
  }

  async replaceKey(id: number) {
    const apiKey = newKey()
    const account = await this.prisma.account.update({
      where: { id },
      data: { keyHash: hashOf(apiKey) },
      select: shown,
    })
    return { ...account, apiKey }
  }

  async disable(id: number): Promise<void> {
    await this.prisma.account.update({ where: { id }, data: { disabledAt: new Date() } })
  }

  withKey(key: string): Promise<Account | null> {
    return this.prisma.account.findFirst({ where: { keyHash: hashOf(key), disabledAt: null } })
  }

  /** Null when nobody has this key. */
  async bind(key: string, user: { telegramId: bigint; name: string }): Promise<Account | null> {
    const account = await this.withKey(key)
    if (!account) return null
    const data = { name: user.name, accountId: account.id }
    const where = { telegramId: user.telegramId }
    await this.prisma.user.upsert({ where, create: { ...data, ...where }, update: data })
    return account
  }
}
