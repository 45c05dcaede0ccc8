import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Put, Query } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiTags } from '@nestjs/swagger'
import { type Caller, CurrentCaller } from '../auth/caller.ts'
import { Roles } from '../auth/roles.ts'
import { Generator } from './generator.service.ts'
import { Portions, ShownServiceDay, Span } from './service-days.dto.ts'
import { ServiceDaysService } from './service-days.service.ts'

@ApiTags('service days')
@ApiBearerAuth()
@Roles('admin', 'caterer', 'customer')
@Controller('service-days')
export class ServiceDaysController {
  constructor(
    private readonly days: ServiceDaysService,
    private readonly generator: Generator,
  ) {}

  @Get()
  @ApiOkResponse({ type: [ShownServiceDay] })
  list(@CurrentCaller() caller: Caller, @Query() span: Span): Promise<ShownServiceDay[]> {
    return this.days.list(caller, span)
  }

  @Get(':id')
  @ApiOkResponse({ type: ShownServiceDay })
  one(@CurrentCaller() caller: Caller, @Param('id', ParseIntPipe) id: number): Promise<ShownServiceDay> {
    return this.days.one(caller, id)
  }

  /** Both sides state it; when they state the same, it is confirmed. */
  @Put(':id/expected')
  @Roles('caterer', 'customer')
  @ApiOkResponse({ type: ShownServiceDay })
  expected(
    @CurrentCaller() caller: Caller,
    @Param('id', ParseIntPipe) id: number,
    @Body() { portions }: Portions,
  ): Promise<ShownServiceDay> {
    return this.days.stateExpected(caller, id, portions)
  }

  @Put(':id/served')
  @Roles('caterer', 'customer')
  @ApiOkResponse({ type: ShownServiceDay })
  served(
    @CurrentCaller() caller: Caller,
    @Param('id', ParseIntPipe) id: number,
    @Body() { portions }: Portions,
  ): Promise<ShownServiceDay> {
    return this.days.stateServed(caller, id, portions)
  }

  /** Once more by hand, on top of the daily one. */
  @Post('generate')
  @HttpCode(200)
  @Roles('admin')
  generate() {
    return this.generator.daily({ again: true })
  }
}
