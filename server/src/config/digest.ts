import { createHash } from 'node:crypto'
import type { AppConfig } from './config.ts'

/** The same for two files that say the same: what was planned by is told from what is taken in. */
export const digestOf = (config: AppConfig): string =>
  createHash('sha256').update(JSON.stringify(config)).digest('hex')
