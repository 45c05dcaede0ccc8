import { createHash } from 'node:crypto'
import type { AppConfig } from './config.ts'

/** Equal for two files with the same meaning. A deploy uses it to check that the release has the configuration of its plan. */
export const digestOf = (config: AppConfig): string =>
  createHash('sha256').update(JSON.stringify(config)).digest('hex')
