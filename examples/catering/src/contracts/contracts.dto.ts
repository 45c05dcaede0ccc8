import { ApiProperty, OmitType, PartialType } from '@nestjs/swagger'
import { Type } from 'class-transformer'
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
} from 'class-validator'
import { type Day, IsDay } from '../calendar/day.ts'
import { type Status, statuses } from './status.ts'

export class NewContract {
  @ApiProperty({ example: 1 })
  @IsInt()
  companyId!: number

  @ApiProperty({ example: 'Lunch, two dishes' })
  @IsString()
  @Length(1, 120)
  title!: string

  @ApiProperty({ example: 45 })
  @IsInt()
  @Min(1)
  @Max(10_000)
  portionsPerDay!: number

  @ApiProperty({ example: 1190, description: 'Of one portion' })
  @IsInt()
  @Min(0)
  @Max(100_000)
  priceCents!: number

  @ApiProperty({ type: [Number], example: [1, 2, 3, 4, 5], description: 'Monday is 1, Sunday 7' })
  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsInt({ each: true, message: 'weekdays are numbers: Monday is 1, Sunday 7' })
  @Min(1, { each: true })
  @Max(7, { each: true })
  weekdays!: number[]

  @IsDay()
  startsOn!: Day

  @IsOptional()
  @IsDay({ required: false })
  endsOn?: Day | null
}

/** What is left out stays as it is; null is no value, but for `endsOn`. */
export class ChangedContract extends PartialType(OmitType(NewContract, ['companyId']), { skipNullProperties: false }) {}

export class NewStatus {
  @ApiProperty({ enum: statuses })
  @IsIn(statuses)
  status!: Status
}

export class ContractFilter {
  @ApiProperty({ required: false })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  companyId?: number

  @ApiProperty({ enum: statuses, required: false })
  @IsOptional()
  @IsIn(statuses)
  status?: Status
}
