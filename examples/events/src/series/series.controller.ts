import { Body, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Patch, Post, UseGuards } from '@nestjs/common'
import { ApiKeyGuard } from '../accounts/api-key.guard.ts'
import { type Caller, CurrentCaller } from '../accounts/caller.ts'
import { ChangedSeries, NewSeries } from './series.dto.ts'
import { SeriesService } from './series.service.ts'

@Controller('api/series')
@UseGuards(ApiKeyGuard)
export class SeriesController {
  constructor(private readonly series: SeriesService) {}

  @Post()
  add(@CurrentCaller() caller: Caller, @Body() input: NewSeries) {
    return this.series.add(caller, input)
  }

  @Get()
  all(@CurrentCaller() caller: Caller) {
    return this.series.all(caller)
  }

  @Get(':id')
  one(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.series.one(caller, id)
  }

  @Patch(':id')
  change(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number, @Body() input: ChangedSeries) {
    return this.series.change(caller, id, input)
  }

  @Delete(':id')
  @HttpCode(204)
  end(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number) {
    return this.series.end(caller, id)
  }
}
