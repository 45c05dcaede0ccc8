import type { Database } from '../database/pool.ts'

const PATIENCE_MS = 1500

export interface DatabaseHealth {
  status: 'ok' | 'down'
  /** In milliseconds. */
  responseTime: number
}

export async function databaseHealth(db: Database): Promise<DatabaseHealth> {
  const started = performance.now()
  const answered = await Promise.race([db.query('select 1').then(() => true, () => false), lateAnswer()])
  const responseTime = Math.round((performance.now() - started) * 10) / 10
  return { status: answered ? 'ok' : 'down', responseTime }
}

const lateAnswer = () => new Promise<false>((resolve) => setTimeout(resolve, PATIENCE_MS, false).unref())
