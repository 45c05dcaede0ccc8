import { BadRequestException, Body, ConflictException, Controller, Delete, Get, HttpCode, Param, ParseIntPipe, Post, Query } from '@nestjs/common'
import { Type } from 'class-transformer'
import { IsDate, IsInt, IsOptional } from 'class-validator'
import { For } from '../auth/guard'
import { Database } from '../database/database'

const HOUR = 3_600_000
const LONGEST = 16 * HOUR

class NewShift {
  @IsInt()
  employeeId!: number

  @Type(() => Date)
  @IsDate()
  startsAt!: Date

  @Type(() => Date)
  @IsDate()
  endsAt!: Date
}

class ShiftQuery {
  /** Default: now. */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  from?: Date

  /** Default: a week after `from`. */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  to?: Date
}

@Controller('api/shifts')
export class ShiftsController {
  constructor(private readonly database: Database) {}

  @Get()
  list(@Query() { from = new Date(), to = new Date(from.getTime() + 7 * 24 * HOUR) }: ShiftQuery) {
    return this.database.shift.findMany({
      where: { startsAt: { lt: to }, endsAt: { gt: from } },
      include: { employee: { select: { id: true, name: true, role: true } } },
      orderBy: [{ startsAt: 'asc' }, { id: 'asc' }],
      take: 500,
    })
  }

  @Post()
  @For('manager')
  async add(@Body() { employeeId, startsAt, endsAt }: NewShift) {
    const length = endsAt.getTime() - startsAt.getTime()
    if (length <= 0 || length > LONGEST) throw new BadRequestException('A shift ends after it starts, and within 16 hours.')
    const other = await this.database.shift.findFirst({
      where: { employeeId, startsAt: { lt: endsAt }, endsAt: { gt: startsAt } },
    })
    if (other) throw new ConflictException(`They have a shift from ${other.startsAt.toISOString()} already.`)
    return this.database.shift.create({ data: { employeeId, startsAt, endsAt } })
  }

  @Delete(':id')
  @For('manager')
  @HttpCode(204)
  async remove(@Param('id', ParseIntPipe) id: number) {
    await this.database.shift.delete({ where: { id } })
  }
}
