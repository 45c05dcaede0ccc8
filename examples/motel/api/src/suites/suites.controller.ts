import { Body, Controller, Get, Param, ParseIntPipe, Post } from '@nestjs/common'
import { IsEnum, IsInt, IsString, Length, Max, Min } from 'class-validator'
import { For, Me } from '../auth/guard'
import type { Person } from '../auth/tokens'
import { SuiteStatus } from '../generated/prisma/enums'
import { Suites } from './suites'

export class NewSuite {
  @IsString()
  @Length(1, 10)
  number!: string

  @IsInt()
  @Min(0)
  @Max(99)
  floor!: number

  @IsInt()
  @Min(1)
  @Max(12)
  beds!: number
}

class SuiteMove {
  @IsEnum(SuiteStatus)
  status!: SuiteStatus
}

@Controller('api/suites')
export class SuitesController {
  constructor(private readonly suites: Suites) {}

  @Get()
  list(@Me() me: Person) {
    return this.suites.list(me)
  }

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number, @Me() me: Person) {
    return this.suites.find(id, me)
  }

  @Post()
  @For('manager')
  add(@Body() suite: NewSuite) {
    return this.suites.add(suite)
  }

  @Post(':id/status')
  move(@Param('id', ParseIntPipe) id: number, @Body() { status }: SuiteMove, @Me() me: Person) {
    return this.suites.move(id, status, me)
  }
}
