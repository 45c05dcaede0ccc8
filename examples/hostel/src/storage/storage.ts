import type { Accounts } from '../accounts/account.ts'
import type { Capsules } from '../capsules/capsule.ts'
import type { CheckIns } from '../checkins/checkin.ts'
import type { Guests } from '../guests/guest.ts'
import type { Kiosk } from '../kiosk/kiosk.ts'
import type { Ledger } from '../money/money.ts'
import type { Settings } from '../settings/settings.ts'

/** "Something about the occupancy changed", told to every instance that shares the storage. */
export interface Changes {
  announce(): void
  /** Returns how to stop listening. */
  listen(heard: () => void): () => void
}

export interface Storage {
  readonly kind: 'memory' | 'postgres' | 'hybrid'
  /** Set when this storage stands in for one that cannot be reached. */
  readonly fallback: boolean
  readonly accounts: Accounts
  readonly capsules: Capsules
  readonly guests: Guests
  readonly checkIns: CheckIns
  readonly ledger: Ledger
  readonly settings: Settings
  readonly kiosk: Kiosk
  readonly changes: Changes
  /** Rejects when the storage cannot be used. */
  ping(): Promise<void>
  close(): Promise<void>
}
