import { EventEmitter } from 'node:events'
import type { Session, User } from '../accounts/account.ts'
import type { Capsule, Problem } from '../capsules/capsule.ts'
import type { CheckIn } from '../checkins/checkin.ts'
import type { Guest } from '../guests/guest.ts'
import type { KioskToken } from '../kiosk/kiosk.ts'
import type { Expense, Payment } from '../money/money.ts'

/** What the memory storage holds, in place of tables. */
export class Tables {
  users: User[] = []
  sessions = new Map<string, Session>()
  capsules = new Map<string, Capsule>()
  problems: Problem[] = []
  guests = new Map<number, Guest>()
  checkIns = new Map<number, CheckIn>()
  payments: Payment[] = []
  expenses: Expense[] = []
  settings = new Map<string, string>()
  kioskTokens = new Map<string, KioskToken>()
  changed = new EventEmitter()
  private lastId = 0

  nextId() {
    return ++this.lastId
  }
}

export const newestFirst = <Row extends { id: number }>(rows: Iterable<Row>) => [...rows].sort((a, b) => b.id - a.id)
