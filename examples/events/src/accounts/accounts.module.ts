import { Module } from '@nestjs/common'
import { AccountsService } from './accounts.service.ts'
import { ApiKeyGuard } from './api-key.guard.ts'

@Module({ providers: [AccountsService, ApiKeyGuard], exports: [AccountsService, ApiKeyGuard] })
export class AccountsModule {}
