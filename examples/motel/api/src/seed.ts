import { Config, ConfigError } from './config/config'
import { Database } from './database/database'
import { seedDemo, type Passwords } from './seed/demo'
import { MILLION, seedLarge } from './seed/large'

const DEMO_PASSWORD = 'motel-demo'

async function main() {
  const config = new Config(process.env)
  const database = new Database(config)
  try {
    await seedDemo(database, passwords(config.production), new Date())
    console.log('Staff, suites, shifts, tasks and notes are there.')
    if (process.argv.includes('--large')) {
      const added = await seedLarge(config.databaseUrl, MILLION)
      console.log(added ? `${MILLION} past tasks added.` : 'The past tasks are there already.')
    }
  } finally {
    await database.$disconnect()
  }
}

/** Outside production everybody has the same; in production only the manager has one, and gives others theirs. */
function passwords(production: boolean): Passwords {
  const manager = process.env.MANAGER_PASSWORD
  if (!production) return { manager: manager ?? DEMO_PASSWORD, others: DEMO_PASSWORD }
  if (!manager) console.warn('Nobody can log in: set MANAGER_PASSWORD before the first seed.')
  return { manager }
}

main().catch(error => {
  console.error(error instanceof ConfigError ? error.message : error)
  process.exitCode = 1
})
