import { dayOf } from './calendar/day.ts'
import { Config } from './config.ts'
import { openDatabase } from './database/database.ts'
import { demoEmails, seedDemo } from './seed/demo.ts'
import { daysIn, million, seedLarge } from './seed/large.ts'

const config = new Config(process.env)
const password = process.env.SEED_PASSWORD || (process.env.NODE_ENV === 'production' ? '' : 'parsley-demo')
if (!password) throw new Error('Set SEED_PASSWORD: it becomes the password of the accounts.')

const db = openDatabase(config.databaseUrl, 2)
try {
  const added = await seedDemo(db, { password, today: dayOf(new Date(), config.timeZone) })
  console.log(added ? `seeded; log in as ${Object.values(demoEmails).join(', ')}` : 'the companies are there already')
  if (process.argv.includes('--large')) {
    const more = await seedLarge(config.databaseUrl, million)
    console.log(more ? `${daysIn(million)} service days added` : 'the past service days are there already')
  }
} finally {
  await db.$client.end()
}
