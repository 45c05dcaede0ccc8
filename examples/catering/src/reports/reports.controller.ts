import { Controller, Get, Header, Query, Res } from '@nestjs/common'
import { ApiBearerAuth, ApiOkResponse, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsInt, IsOptional, Matches } from 'class-validator'
import type { Response } from 'express'
import { type Caller, CurrentCaller } from '../auth/caller.ts'
import { Roles } from '../auth/roles.ts'
import { ReportsService } from './reports.service.ts'

class Week {
  @ApiProperty({ example: '2026-W12' })
  @Matches(/^\d{4}-W\d\d$/, { message: 'week is a week of a year like 2026-W12' })
  week!: string

  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  companyId?: number
}

@ApiTags('reports')
@ApiBearerAuth()
@Roles('admin', 'caterer', 'customer')
@Controller('reports')
export class ReportsController {
  constructor(private readonly reports: ReportsService) {}

  @Get('weekly.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @ApiProduces('text/csv')
  @ApiOkResponse({ schema: { type: 'string' } })
  async weekly(@CurrentCaller() caller: Caller, @Query() query: Week, @Res({ passthrough: true }) response: Response) {
    const report = await this.reports.weekly(caller, query)
    response.attachment(`portions-${query.week}.csv`)
    return report
  }
}
