import { z } from 'zod'
import { GuestInput } from '../guests/input.ts'
import { nights } from '../checkins/checkin.ts'
import type { kioskTokens } from './schema.ts'

export type KioskToken = typeof kioskTokens.$inferSelect
export type NewKioskToken = Pick<KioskToken, 'token' | 'label' | 'reusable'>

export const TokenInput = z.object({ label: z.string().trim().min(2).max(80), reusable: z.boolean().default(false) })
export const SelfCheckIn = GuestInput.extend({
  ref: z.string().min(1).max(120),
  nights: nights.default(1),
})

export interface Kiosk {
  /** A token that exists already is left as it is. */
  add(token: NewKioskToken): Promise<void>
  find(token: string): Promise<KioskToken | undefined>
  list(): Promise<KioskToken[]>
  /** True for one caller only, however many ask at once. */
  use(token: string, at: Date): Promise<boolean>
}
