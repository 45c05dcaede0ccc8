import { readConfig } from './config.ts'
import { openPool } from './database/pool.ts'
import { log } from './log.ts'
import { seedDemo } from './seed/demo.ts'
import { million, seedLarge } from './seed/large.ts'

const config = readConfig(process.env)
const pool = openPool({ databaseUrl: config.databaseUrl, poolSize: 2 })
try {
  const { timeZone, seedPassword: password } = config
  const added = await seedDemo(pool, { now: new Date(), timeZone, password })
  log.info(added ? 'seeded' : 'the clinic is there already')
  if (process.argv.includes('--large')) {
    const grown = await seedLarge(config.databaseUrl, million)
    log.info(grown ? 'past sessions added' : 'past sessions are there already', { sessions: million.therapists * million.sessionsEach })
  }
} finally {
  await pool.end()
}
