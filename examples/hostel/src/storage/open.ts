import type { Config } from '../config.ts'
import { seedBasics } from '../seed/basics.ts'
import { seedDemo } from '../seed/demo.ts'
import { hybridStorage } from './hybrid.ts'
import { memoryStorage } from './memory.ts'
import { postgresStorage } from './postgres.ts'
import type { Storage } from './storage.ts'

/** Memory starts furnished; a database is furnished once, by `npm run seed`. */
export async function openStorage(config: Config): Promise<Storage> {
  if (config.storage === 'memory') return furnishedMemory(config)
  const database = postgresStorage({ url: config.databaseUrl, poolSize: config.poolSize })
  if (config.storage === 'postgres') return database
  return hybridStorage({ database, memory: await furnishedMemory(config) })
}

async function furnishedMemory(config: Config): Promise<Storage> {
  const memory = memoryStorage()
  await seedBasics(memory, config)
  if (!config.production) await seedDemo(memory, new Date())
  return memory
}
