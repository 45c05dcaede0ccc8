import { Controller, Get, Param, ParseIntPipe, Post, Query, UseGuards } from '@nestjs/common'
import { Type } from 'class-transformer'
import { IsDate, IsInt, IsOptional } from 'class-validator'
import { ApiKeyGuard } from '../accounts/api-key.guard.ts'
import { type Caller, CurrentCaller } from '../accounts/caller.ts'
import { InstancesService } from './instances.service.ts'

class Span {
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  seriesId?: number

  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'from is a moment like 2026-03-06T00:00:00Z' })
  from?: Date

  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'to is a moment like 2026-04-06T00:00:00Z' })
  to?: Date
}

@Controller('api/instances')
@UseGuards(ApiKeyGuard)
export class InstancesController {
  constructor(private readonly instances: InstancesService) {}

  @Get()
  list(@CurrentCaller() caller: Caller, @Query() span: Span) {
    return this.instances.list(caller, span)
  }

  @Get(':id')
  one(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.instances.one(caller, id)
  }

  @Post(':id/cancel')
  cancel(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.instances.cancel(caller, id)
  }

  @Get(':id/log')
  log(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.instances.log(caller, id)
  }
}
