const DAY_MS = 24 * 60 * 60 * 1000

export const time = (moment: string | Date) => new Date(moment).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
export const day = (moment: string | Date) =>
  new Date(moment).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })
export const date = (moment: string | Date) =>
  new Date(moment).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
export const money = (cents: number) => new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }).format(cents / 100)
export const initials = (name: string) => name.split(' ').map((part) => part[0]).slice(0, 2).join('')
export const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

export const addDays = (at: Date, days: number) => new Date(at.getFullYear(), at.getMonth(), at.getDate() + days)

export function mondayOf(at: Date): Date {
  return addDays(at, -((at.getDay() + 6) % 7))
}

/** "2026-03-01" of the visitor's own calendar. */
export const isoDay = (at: Date) =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`

/** "today", "in 3 days", "2 days ago". */
export function fromToday(isoDate: string): string {
  const days = Math.round((new Date(`${isoDate}T00:00`).getTime() - addDays(new Date(), 0).getTime()) / DAY_MS)
  return new Intl.RelativeTimeFormat('en', { numeric: 'auto' }).format(days, 'day')
}

export const when = (moment: string) => (isoDay(new Date(moment)) === isoDay(new Date()) ? time(moment) : day(moment))
