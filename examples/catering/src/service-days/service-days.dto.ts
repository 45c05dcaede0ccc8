import { ApiProperty } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import { IsInt, IsOptional, Max, Min } from 'class-validator'
import { type Day, IsDay } from '../calendar/day.ts'

export class Span {
  @IsOptional()
  @IsDay({ required: false })
  from?: Day

  @IsOptional()
  @IsDay({ required: false })
  to?: Day

  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  companyId?: number

  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  contractId?: number

  @ApiProperty({ required: false, default: 1, description: 'Of 1000 days' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  page?: number
}

export class Portions {
  @ApiProperty({ example: 42 })
  @IsInt()
  @Min(0)
  @Max(10_000)
  portions!: number
}

class ShownFigure {
  @ApiProperty({ type: Number, nullable: true })
  portions!: number | null

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the caterer confirmed it' })
  caterer!: Date | null

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the customer confirmed it' })
  customer!: Date | null

  @ApiProperty({ description: 'By both: it is final' })
  confirmed!: boolean
}

export class ShownServiceDay {
  @ApiProperty()
  id!: number

  @ApiProperty({ type: String, format: 'date' })
  day!: Day

  @ApiProperty()
  contractId!: number

  @ApiProperty()
  contract!: string

  @ApiProperty()
  company!: string

  @ApiProperty()
  expected!: ShownFigure

  @ApiProperty()
  served!: ShownFigure
}
