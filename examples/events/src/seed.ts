import { PrismaPg } from '@prisma/adapter-pg'
import { Config } from './config.ts'
import { PrismaClient } from './generated/prisma/client.ts'
import { seedDemo } from './seed/demo.ts'
import { million, seedLarge } from './seed/large.ts'

const { databaseUrl } = new Config(process.env)
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl, max: 2 }) })
try {
  const keys = await seedDemo(prisma, new Date())
  for (const { name, apiKey } of keys) console.log(`${name}: ${apiKey}`)
  console.log(keys.length > 0 ? 'seeded; the keys are shown this once' : 'the clubs are there already')
  if (process.argv.includes('--large')) {
    const added = await seedLarge(databaseUrl, million)
    console.log(added ? `${million.log} log entries added` : 'the log entries are there already')
  }
} finally {
  await prisma.$disconnect()
}
