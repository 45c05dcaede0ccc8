import { Inject, Injectable } from '@nestjs/common'
import { sql } from 'drizzle-orm'
import { DATABASE, type Database } from '../database/database.ts'
import { version } from '../version.ts'

/** Whoever asks about health does not wait as long as the pool waits for a connection. */
const PATIENCE_MS = 1500

@Injectable()
export class HealthService {
  constructor(@Inject(DATABASE) private readonly db: Database) {}

  async read() {
    const database = await this.#database()
    return {
      status: database.status === 'ok' ? 'ok' : 'degraded',
      timestamp: new Date().toISOString(),
      version,
      uptime: Math.round(process.uptime()),
      checks: { database },
    }
  }

  async #database() {
    const started = performance.now()
    const status = await Promise.race([this.#answers(), patience()])
    return { status, responseTime: Math.round((performance.now() - started) * 10) / 10 }
  }

  async #answers(): Promise<'ok' | 'down'> {
    try {
      await this.db.execute(sql`select 1`)
      return 'ok'
    } catch {
      return 'down'
    }
  }
}

const patience = () => new Promise<'down'>(resolve => setTimeout(resolve, PATIENCE_MS, 'down').unref())
