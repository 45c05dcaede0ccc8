import { log } from '../log.ts'
import type { Storage } from './storage.ts'

const CHECK_MS = 2000

export interface Pair {
  database: Storage
  memory: Storage
}

/**
 * Uses the database while it answers and memory while it does not. What was written to memory
 * stays there: it is not carried over when the database comes back.
 */
export async function hybridStorage({ database, memory }: Pair): Promise<Storage> {
  let active = database
  async function choose() {
    const reason = await database.ping().then(() => undefined, (error: Error) => error.message || 'no answer')
    const next = reason === undefined ? database : memory
    if (next === active) return
    active = next
    if (next === memory) log.warn('database unreachable: running from memory', { reason })
    else log.info('database is back: what was written to memory is left behind')
    next.changes.announce()
  }
  await choose()
  const timer = setInterval(choose, CHECK_MS)

  return {
    kind: 'hybrid',
    get fallback() { return active === memory },
    get accounts() { return active.accounts },
    get capsules() { return active.capsules },
    get guests() { return active.guests },
    get checkIns() { return active.checkIns },
    get ledger() { return active.ledger },
    get settings() { return active.settings },
    get kiosk() { return active.kiosk },
    changes: {
      announce: () => active.changes.announce(),
      listen(heard) {
        const stops = [database, memory].map((storage) => storage.changes.listen(heard))
        return () => stops.forEach((stop) => stop())
      },
    },
    ping: () => active.ping(),
    async close() {
      clearInterval(timer)
      await Promise.all([database.close(), memory.close()])
    },
  }
}
