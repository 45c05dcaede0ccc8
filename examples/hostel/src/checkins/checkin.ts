import { z } from 'zod'
import { GuestInput } from '../guests/input.ts'
import type { checkIns } from './schema.ts'

export type CheckIn = typeof checkIns.$inferSelect
export type NewCheckIn = Pick<CheckIn, 'ref' | 'guestId' | 'source' | 'checkedInAt' | 'dueOut'> & {
  /** Without it, the first free capsule; when none is free the guest waits. */
  capsule?: string
}
export type Presence = CheckIn & { guestName: string; guestPhone: string }

export const nights = z.coerce.number().int().min(1).max(60)
export const DeskCheckIn = z.object({
  guest: GuestInput,
  capsule: z.string().max(10).optional(),
  nights: nights.default(1),
})
export const Placement = z.object({ capsule: z.string().max(10) })

export interface CheckIns {
  /** A ref that is known already gives the check-in it had: `created` is false. Refuses a capsule that is taken. */
  record(entry: NewCheckIn): Promise<{ checkIn: CheckIn; created: boolean }>
  byRef(ref: string): Promise<CheckIn | undefined>
  /** Gives a waiting guest a capsule. */
  place(id: number, capsule: string): Promise<CheckIn>
  /** The capsule is then to be cleaned. */
  checkOut(id: number, at: Date): Promise<CheckIn>
  /** Who stays or waits, the longest here first. */
  present(limit: number): Promise<Presence[]>
  waiting(): Promise<number>
  count(prefix: string): Promise<number>
}

export function dueOut(from: Date, stay: { nights: number; checkOutHour: number }): Date {
  const due = new Date(from)
  due.setDate(due.getDate() + stay.nights)
  due.setHours(stay.checkOutHour, 0, 0, 0)
  return due
}
