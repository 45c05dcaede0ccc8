import { type DynamicModule, Module } from '@nestjs/common'
import { ApiModule } from './api.module.ts'
import { BotModule } from './bot.module.ts'
import { CommonModule } from './database/common.module.ts'
import { HealthModule } from './health/health.module.ts'

export const parts = ['all', 'api', 'bot'] as const
export type Part = (typeof parts)[number]

@Module({})
export class AppModule {
  static of(part: Part): DynamicModule {
    const own = { all: [ApiModule, BotModule], api: [ApiModule], bot: [BotModule] }[part]
    return { module: AppModule, imports: [CommonModule, HealthModule, ...own] }
  }
}
