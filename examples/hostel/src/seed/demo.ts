import { dueOut } from '../checkins/checkin.ts'
import type { Guest } from '../guests/guest.ts'
import type { NewExpense, NewPayment } from '../money/money.ts'
import type { Storage } from '../storage/storage.ts'
import { chance } from './chance.ts'
import { countries, firstNames, lastNames } from './names.ts'

const DAY = 24 * 60 * 60 * 1000
const HERE_NOW = 14
const monthlyCosts = [
  { category: 'rent', cents: 240_000, note: 'Quay 4, ground floor' },
  { category: 'wages', cents: 318_000, note: 'Two at the desk, one housekeeper' },
  { category: 'utilities', cents: 64_500, note: 'Electricity, water, internet' },
  { category: 'laundry', cents: 41_200, note: 'Sheets and towels' },
] as const

/** A year of a small hostel up to `now`. Does nothing when there is one already. */
export async function seedDemo(storage: Storage, now: Date): Promise<void> {
  if ((await storage.ledger.expenses(1)).length > 0) return
  const guests = await addGuests(storage)
  await addPastStays(storage, { guests: guests.slice(HERE_NOW), now })
  await addPresentStays(storage, { guests: guests.slice(0, HERE_NOW), now })
  await storage.capsules.report('C17', 'Reading lamp flickers, ventilation is loud')
  await storage.capsules.setClean('C18', false)
  await storage.capsules.setClean('C19', false)
  await addMoney(storage, { guests, now })
}

async function addGuests(storage: Storage): Promise<Guest[]> {
  const guests: Guest[] = []
  for (let i = 0; i < 60; i++) {
    const name = `${firstNames[(i * 7) % 30]} ${lastNames[(i * 11 + Math.floor(i / 30)) % 30]}`
    const phone = `+60 12-555 ${String(1000 + i * 37)}`
    const email = `${name.normalize('NFD').replace(/[^A-Za-z ]/g, '').replace(/ /g, '.').toLowerCase()}@mail.example`
    guests.push(await storage.guests.findOrAdd({ name, phone, email, nationality: countries[(i * 3) % 10] }))
  }
  return guests
}

interface Past { guests: Guest[]; now: Date }

async function addPastStays(storage: Storage, { guests, now }: Past): Promise<void> {
  for (const [i, guest] of guests.entries()) {
    const checkedInAt = new Date(+now - (40 - i * 0.7) * DAY)
    const due = dueOut(checkedInAt, { nights: 1 + (i % 4), checkOutHour: 11 })
    const entry = { ref: `desk-past-${i}`, guestId: guest.id, source: 'desk', checkedInAt, dueOut: due } as const
    const { checkIn } = await storage.checkIns.record(entry)
    if (checkIn.state !== 'left') await storage.checkIns.checkOut(checkIn.id, due)
    if (checkIn.capsule) await storage.capsules.setClean(checkIn.capsule, true)
  }
}

async function addPresentStays(storage: Storage, { guests, now }: Past): Promise<void> {
  for (const [i, guest] of guests.entries()) {
    const checkedInAt = new Date(+now - (i % 4) * DAY - i * 1_300_000)
    const due = dueOut(checkedInAt, { nights: (i % 4) + 1 + (i % 3), checkOutHour: 11 })
    const source = i % 3 === 0 ? 'kiosk' : 'desk'
    await storage.checkIns.record({ ref: `desk-now-${i}`, guestId: guest.id, source, checkedInAt, dueOut: due })
  }
}

async function addMoney(storage: Storage, { guests, now }: Past): Promise<void> {
  const random = chance(22)
  const payments: NewPayment[] = []
  const expenses: NewExpense[] = []
  for (let back = 11; back >= 0; back--) {
    const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - back, 1))
    const days = back === 0 ? now.getUTCDate() : 28
    const on = () => new Date(Math.min(+first + random() * days * DAY, +now))
    const season = 1 + 0.3 * Math.sin((first.getUTCMonth() / 12) * 2 * Math.PI)
    const stays = Math.round(122 * season * (days / 28))
    for (let i = 0; i < stays; i++) {
      const method = (['cash', 'card', 'transfer'] as const)[Math.floor(random() * 3)]!
      const guestId = guests[Math.floor(random() * guests.length)]!.id
      payments.push({ guestId, cents: 2900 * (1 + Math.floor(random() * 4)), method, paidAt: on() })
    }
    for (const cost of monthlyCosts) expenses.push({ ...cost, spentAt: new Date(Math.min(+first + 2 * DAY, +now)) })
    const supplies = { category: 'supplies', cents: 8000 + Math.floor(random() * 9000), note: 'Soap, paper, coffee' } as const
    expenses.push({ ...supplies, spentAt: on() })
    if (random() < 0.4) expenses.push({ category: 'repairs', note: 'Plumber', cents: 12_000 + Math.floor(random() * 30_000), spentAt: on() })
  }
  await storage.ledger.addPayments(payments)
  await storage.ledger.addExpenses(expenses)
}
