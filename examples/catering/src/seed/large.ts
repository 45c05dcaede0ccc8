import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { addDays, type Day, weekdayOf } from '../calendar/day.ts'
import { companies } from '../companies/schema.ts'
import { contracts } from '../contracts/schema.ts'
import type { Database } from '../database/database.ts'
import { chance } from './chance.ts'
import { firstWords, menus, secondWords } from './names.ts'

export interface Size {
  companies: number
  weeks: number
}

/** 200 companies on five days of 1000 weeks. */
export const million: Size = { companies: 200, weeks: 1000 }

export const daysIn = ({ companies, weeks }: Size): number => companies * weeks * 5

const FIRST_DAY = '2006-01-02'
const BATCH = 60_000
const emailOf = (i: number) => `office@archive-${String(i).padStart(3, '0')}.example`

/** Former customers and what they ate, the same on every machine, in one transaction. False when they are there. */
export async function seedLarge(url: string, size: Size): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rowCount } = await client.query('select 1 from companies where contact_email = $1', [emailOf(0)])
    if (rowCount) return false
    await client.query('begin')
    const ids = await addContracts(drizzle(client), size)
    const columns =
      'contract_id, day, expected_portions, expected_by_caterer_at, expected_by_customer_at, ' +
      'served_portions, served_by_caterer_at, served_by_customer_at'
    const sink: Writable = client.query(copyFrom(`copy service_days (${columns}) from stdin`))
    await pipeline(Readable.from(inBatches(lines(ids, size))), sink)
    await client.query('commit')
    return true
  } finally {
    await client.end()
  }
}

async function addContracts(db: Database, size: Size): Promise<number[]> {
  const random = chance(1)
  const clients = Array.from({ length: size.companies }, (_, i) => ({
    name: `${firstWords[i % 20]} ${secondWords[Math.floor(i / 20) % 10]}`,
    city: 'Zwolle',
    contactEmail: emailOf(i),
    createdAt: new Date(FIRST_DAY),
  }))
  const added = await db.insert(companies).values(clients).returning({ id: companies.id })
  const agreed = added.map(({ id: companyId }, i) => ({
    companyId,
    title: menus[i % menus.length]!,
    status: 'terminated' as const,
    portionsPerDay: 10 + Math.floor(random() * 150),
    priceCents: 500 + Math.floor(random() * 12) * 50,
    weekdays: [1, 2, 3, 4, 5],
    startsOn: FIRST_DAY,
    endsOn: addDays(FIRST_DAY, size.weeks * 7 - 3),
    createdAt: new Date(FIRST_DAY),
  }))
  return (await db.insert(contracts).values(agreed).returning({ id: contracts.id })).map(({ id }) => id)
}

/** In the order of the days, as they would have been made. */
function* lines(contractIds: number[], { weeks }: Size): Generator<string> {
  const random = chance(2)
  for (let i = 0; i < weeks * 7; i++) {
    const day: Day = addDays(FIRST_DAY, i)
    if (weekdayOf(day) > 5) continue
    for (const id of contractIds) {
      const expected = 10 + Math.floor(random() * 150)
      const served = expected - Math.floor(random() * 6)
      yield `${id}\t${day}\t${expected}\t${day} 06:30Z\t${day} 07:45Z\t${served}\t${day} 13:30Z\t${day} 15:10Z\n`
    }
  }
}

/** One chunk for each line would spend the time on the stream itself. */
function* inBatches(lines: Iterable<string>): Generator<string> {
  let batch = ''
  for (const line of lines) {
    batch += line
    if (batch.length > BATCH) {
      yield batch
      batch = ''
    }
  }
  yield batch
}
