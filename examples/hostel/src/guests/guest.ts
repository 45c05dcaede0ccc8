import { z } from 'zod'
import { GuestInput } from './input.ts'
import type { guests } from './schema.ts'

export type Guest = typeof guests.$inferSelect
export type NewGuest = z.infer<typeof GuestInput>

export interface Guests {
  /** The newest first; `search` is part of a name or a phone number. */
  list(search: string, limit: number): Promise<Guest[]>
  get(id: number): Promise<Guest | undefined>
  /** The guest of that phone and name, made when there is none. */
  findOrAdd(guest: NewGuest): Promise<Guest>
  update(id: number, change: Partial<NewGuest>): Promise<Guest | undefined>
  setPhoto(id: number, photo: string): Promise<void>
}
