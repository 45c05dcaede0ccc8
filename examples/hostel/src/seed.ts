import { readConfig } from './config.ts'
import { log } from './log.ts'
import { seedBasics } from './seed/basics.ts'
import { seedDemo } from './seed/demo.ts'
import { million, seedLarge } from './seed/large.ts'
import { postgresStorage } from './storage/postgres.ts'

const config = readConfig(process.env)
if (!config.databaseUrl) throw new Error('Set DATABASE_URL: memory is furnished by the server itself.')

const storage = postgresStorage({ url: config.databaseUrl, poolSize: 2 })
try {
  await seedBasics(storage, config)
  await seedDemo(storage, new Date())
  log.info('seeded')
  if (process.argv.includes('--large')) {
    const added = await seedLarge(config.databaseUrl, million)
    log.info(added ? 'past check-ins added' : 'past check-ins are there already', { checkIns: million.checkIns })
  }
} finally {
  await storage.close()
}
