import { applyDecorators } from '@nestjs/common'
import { ApiProperty } from '@nestjs/swagger'
import { ValidateBy } from 'class-validator'

/** A day is text like 2026-03-06 everywhere: it is the same day in every time zone. */
export type Day = string

const DAY_MS = 24 * 60 * 60 * 1000

export const addDays = (day: Day, days: number): Day =>
  new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10)

export const daysBetween = (from: Day, to: Day): number => (Date.parse(to) - Date.parse(from)) / DAY_MS

/** Monday is 1, Sunday 7. */
export const weekdayOf = (day: Day): number => new Date(day).getUTCDay() || 7

/** The day that the calendar on the wall shows there. Swedes write it as ISO 8601 does. */
export const dayOf = (moment: Date, timeZone: string): Day =>
  new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' }).format(moment)

export const isDay = (value: unknown): value is Day =>
  typeof value === 'string' &&
  /^\d{4}-\d\d-\d\d$/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  // 2026-02-30 parses, as the second of March.
  new Date(value).toISOString().startsWith(value)

export const IsDay = ({ required = true } = {}) =>
  applyDecorators(
    ApiProperty({ type: String, format: 'date', example: '2026-03-06', required }),
    ValidateBy({
      name: 'isDay',
      validator: { validate: isDay, defaultMessage: () => '$property is a day like 2026-03-06' },
    }),
  )
