import { PartialType } from '@nestjs/mapped-types'
import {
  IsInt,
  IsOptional,
  IsString,
  IsTimeZone,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  registerDecorator,
} from 'class-validator'
import { problemOf } from './recurrence.ts'

const LONGEST_RULE = 300

function IsRecurrence() {
  return (target: object, propertyName: string) =>
    registerDecorator({
      name: 'isRecurrence',
      target: target.constructor,
      propertyName,
      validator: {
        validate: value => typeof value === 'string' && value.length <= LONGEST_RULE && !problemOf(value),
        defaultMessage: ({ value } = {} as never) =>
          `rrule is a recurrence like FREQ=WEEKLY;BYDAY=FR: ${typeof value === 'string' ? problemOf(value) : 'it is text'}`,
      },
    })
}

export class NewSeries {
  @IsString()
  @Length(1, 100)
  title!: string

  @IsOptional()
  @IsString()
  @MaxLength(200)
  place?: string | null

  @Matches(/^\d{4}-(0\d|1[0-2])-([0-2]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/, {
    message: 'startsAt is the local time of the first event, like 2026-03-06T19:30',
  })
  startsAt!: string

  @IsTimeZone({ message: 'timezone is an IANA name like Europe/Madrid' })
  timezone!: string

  @IsRecurrence()
  rrule!: string

  @IsInt()
  @Min(5)
  @Max(7 * 24 * 60)
  minutes!: number

  @IsInt()
  @Min(1)
  @Max(500)
  capacity!: number

  @IsInt()
  @Max(-1, { message: 'chatId is the id of a group, a negative number: write /chat there' })
  chatId!: number
}

export class ChangedSeries extends PartialType(NewSeries) {}
