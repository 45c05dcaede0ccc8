import { type InlineKeyboardButton, type InlineKeyboardMarkup } from 'grammy/types'
import { DateTime } from 'luxon'
import { seatsOf, type Place } from '../voting/line.ts'

export interface CardPlace extends Place {
  user: { name: string }
}

export interface CardInstance {
  id: number
  startsAt: Date
  capacity: number
  cancelledAt: Date | null
  series: { title: string; place: string | null; timezone: string }
  entries: CardPlace[]
}

export interface Card {
  text: string
  keyboard: InlineKeyboardMarkup | undefined
}

/** A message of Telegram has 4096 characters. */
const MOST_NAMES = 60

/** The announcement as it should look now. Plain text: names and titles mean nothing to Telegram. */
export function cardOf(instance: CardInstance): Card {
  const { series, capacity, entries } = instance
  const { seated, waiting } = seatsOf(entries, capacity)
  const lines = [
    instance.cancelledAt ? `CANCELLED: ${series.title}` : series.title,
    [whenOf(instance.startsAt, series.timezone), series.place].filter(Boolean).join(' · '),
    '',
    `Seats: ${seated.length} of ${capacity}`,
    ...numbered(seated),
    ...(waiting.length > 0 ? ['', `Waiting: ${waiting.length}`, ...numbered(waiting)] : []),
  ]
  return { text: lines.join('\n'), keyboard: instance.cancelledAt ? undefined : keyboardOf(instance.id) }
}

export function whenOf(moment: Date, timezone: string): string {
  return DateTime.fromJSDate(moment).setZone(timezone).setLocale('en-GB').toFormat('ccc d LLL yyyy, HH:mm (z)')
}

function numbered(places: CardPlace[]): string[] {
  const names = places
    .slice(0, MOST_NAMES)
    .map(({ kind, user }, i) => `${i + 1}. ${kind === 'GUEST' ? `guest of ${user.name}` : user.name}`)
  const more = places.length - names.length
  return more > 0 ? [...names, `and ${more} more`] : names
}

function keyboardOf(id: number): InlineKeyboardMarkup {
  const button = (text: string, vote: string): InlineKeyboardButton => ({ text, callback_data: `${vote}:${id}` })
  return { inline_keyboard: [[button('Join', 'join'), button('+1', 'guest'), button('Leave', 'leave')]] }
}
