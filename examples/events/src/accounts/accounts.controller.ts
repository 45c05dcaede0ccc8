import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Post, UseGuards } from '@nestjs/common'
import { IsString, Length } from 'class-validator'
import { AccountsService } from './accounts.service.ts'
import { AdminOnly, ApiKeyGuard } from './api-key.guard.ts'
import { accountOf, type Caller, CurrentCaller } from './caller.ts'

class NewAccount {
  @IsString()
  @Length(2, 80)
  name!: string
}

@Controller('api/accounts')
@UseGuards(ApiKeyGuard)
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Post()
  @AdminOnly()
  add(@Body() { name }: NewAccount) {
    return this.accounts.add(name)
  }

  @Get()
  @AdminOnly()
  all() {
    return this.accounts.all()
  }

  @Get('me')
  me(@CurrentCaller() caller: Caller) {
    return this.accounts.one(accountOf(caller))
  }

  /** A key that got around is replaced by its owner; the old one ends at once. */
  @Post('me/key')
  replaceMine(@CurrentCaller() caller: Caller) {
    return this.accounts.replaceKey(accountOf(caller))
  }

  @Post(':id/key')
  @AdminOnly()
  replaceKey(@Param('id', ParseIntPipe) id: number) {
    return this.accounts.replaceKey(id)
  }

  @Delete(':id')
  @AdminOnly()
  @HttpCode(204)
  disable(@Param('id', ParseIntPipe) id: number) {
    return this.accounts.disable(id)
  }
}
