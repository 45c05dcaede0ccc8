import pg from 'pg'
import { log } from '../log.ts'
import type { Changes } from './storage.ts'

const CHANNEL = 'hostel_changes'
// NOTIFY takes a lock that all commits share, so a busy hour must not send one for each check-in.
const QUIET_MS = 200
const RETRY_MS = 1000

/** Changes told by LISTEN/NOTIFY, so that every instance on the database hears them. */
export function notifications(pool: pg.Pool, url: string): Changes & { close(): Promise<void> } {
  const listeners = new Set<() => void>()
  const hear = () => {
    for (const heard of listeners) heard()
  }
  const stop = keepListening(url, hear)
  let pending: NodeJS.Timeout | undefined

  const send = () => {
    pending = undefined
    pool.query('select pg_notify($1, $2)', [CHANNEL, '']).catch((error: Error) => {
      log.warn('change not announced', { reason: error.message })
    })
  }
  return {
    announce() {
      pending ??= setTimeout(send, QUIET_MS)
    },
    listen(heard) {
      listeners.add(heard)
      return () => listeners.delete(heard)
    },
    async close() {
      clearTimeout(pending)
      await stop()
    },
  }
}

/** Returns how to stop. A lost connection is made again; what was missed meanwhile is made up for by one call. */
function keepListening(url: string, hear: () => void): () => Promise<void> {
  let client: pg.Client | undefined
  let retry: NodeJS.Timeout | undefined
  let stopped = false

  // A failed client tells so more than once ("error", then "end"): only the first counts.
  const again = (failed: pg.Client) => {
    if (stopped || client !== failed) return
    client = undefined
    void failed.end().catch(() => {})
    retry = setTimeout(connect, RETRY_MS)
  }
  async function connect() {
    const mine = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 })
    client = mine
    mine.on('notification', hear)
    mine.on('error', () => again(mine))
    mine.on('end', () => again(mine))
    try {
      await mine.connect()
      await mine.query(`listen ${CHANNEL}`)
      hear()
    } catch {
      again(mine)
    }
  }
  void connect()
  return async () => {
    stopped = true
    clearTimeout(retry)
    await client?.end().catch(() => {})
  }
}
