import { eq } from 'drizzle-orm'
import { hashPassword } from '../accounts/password.ts'
import { users } from '../accounts/schema.ts'
import { addDays, type Day, weekdayOf } from '../calendar/day.ts'
import { companies } from '../companies/schema.ts'
import { type Contract, contracts } from '../contracts/schema.ts'
import type { Database } from '../database/database.ts'
import { serviceDays } from '../service-days/schema.ts'
import { chance } from './chance.ts'
import { demoCompanies, menus } from './names.ts'

const DAYS_BACK = 35
const DAYS_AHEAD = 13
const WORKDAYS = [1, 2, 3, 4, 5]

export const demoEmails = {
  admin: 'admin@parsley.example',
  caterer: 'kitchen@parsley.example',
  customer: 'customer@parsley.example',
} as const

/** Five weeks back and two ahead of today. False when they are there already. */
export async function seedDemo(db: Database, { password, today }: { password: string; today: Day }): Promise<boolean> {
  if ((await db.$count(users, eq(users.email, demoEmails.admin))) > 0) return false
  const passwordHash = await hashPassword(password)
  await db.transaction(async tx => {
    const clients = await tx
      .insert(companies)
      .values(demoCompanies.map(([name, city]) => ({ name, city, contactEmail: `office@${slug(name)}.example` })))
      .returning()
    await tx.insert(users).values([
      { email: demoEmails.admin, name: 'Ada Visser', role: 'admin', passwordHash },
      { email: demoEmails.caterer, name: 'Bo Marsh', role: 'caterer', passwordHash },
      { email: demoEmails.customer, name: 'Kim Brandt', role: 'customer', companyId: clients[0]!.id, passwordHash },
    ])
    const ids = clients.map(company => company.id)
    const agreed = await tx.insert(contracts).values(contractsOf(ids, today)).returning()
    await tx.insert(serviceDays).values(agreed.flatMap(contract => daysOf(contract, today)))
  })
  return true
}

const slug = (name: string) => name.toLowerCase().replaceAll(/[^a-z]+/g, '-')

/** One for each company, and a second one for every fourth; two are paused and one is over. */
function contractsOf(companyIds: number[], today: Day) {
  const random = chance(11)
  const seconds = companyIds.filter((_, i) => i % 4 === 0)
  return [...companyIds, ...seconds].map((companyId, i) => {
    const status = i === 7 ? ('terminated' as const) : i === 3 || i === 12 ? ('paused' as const) : ('active' as const)
    return {
      companyId,
      title: menus[i % menus.length]!,
      status,
      portionsPerDay: 15 + Math.floor(random() * 120),
      priceCents: 650 + Math.floor(random() * 14) * 50,
      weekdays: i % 3 === 2 ? [2, 4] : WORKDAYS,
      startsOn: addDays(today, -DAYS_BACK),
      endsOn: status === 'terminated' ? addDays(today, -1) : null,
    }
  })
}

function daysOf(contract: Contract, today: Day) {
  const random = chance(contract.portionsPerDay)
  const last = contract.status === 'active' ? DAYS_AHEAD : -1
  const days = Array.from({ length: DAYS_BACK + last + 1 }, (_, i) => addDays(contract.startsOn, i))
  return days
    .filter(day => contract.weekdays.includes(weekdayOf(day)))
    .map(day => ({ contractId: contract.id, day, ...figures(contract.portionsPerDay, { day, today, random }) }))
}

/** What is past is confirmed, but for a few days on which the customer counted differently or has not answered. */
function figures(portions: number, { day, today, random }: { day: Day; today: Day; random: () => number }) {
  const expectedPortions = portions + Math.floor(random() * 7) - 3
  if (day >= today) return { expectedPortions }
  const at = (hour: string) => new Date(`${day}T${hour}:00Z`)
  return {
    expectedPortions,
    expectedByCatererAt: at('06:30'),
    expectedByCustomerAt: at('07:45'),
    servedPortions: Math.max(0, expectedPortions - Math.floor(random() * 5)),
    servedByCatererAt: at('13:30'),
    servedByCustomerAt: random() < 0.08 ? null : at('15:10'),
  }
}
