import { createHealth, type Health } from '@innkeeper/sdk/health'
import type { Database } from '../database/pool.ts'
import { version } from '../version.ts'

/** Without the database no request can be answered. */
export const healthOf = (db: Database): Health =>
  createHealth({ path: '/api/health', version, checks: { database: () => db.query('select 1') } })
