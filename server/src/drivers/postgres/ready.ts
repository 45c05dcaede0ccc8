import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { describe, Failure } from '../../kernel/failure.ts'

interface Starting {
  app: string
  connect: () => Promise<pg.Client>
  crashes: () => Promise<number>
  /** What the server said last of why it ended. */
  reason: () => Promise<string>
}

/** Waits until the server accepts connections and writes. Replaying the write-ahead log may take minutes. */
export async function ready(
  { app, connect, crashes, reason }: Starting,
  signal?: AbortSignal,
): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    signal?.throwIfAborted()
    try {
      if (!(await recovering(connect))) return
    } catch (error) {
      // The server says that it is starting up: replaying hours of WAL takes minutes, so the wait goes on.
      const busy = /starting up|not yet accepting/.test(describe(error).why)
      if (!busy && Date.now() > end) throw error
    }
    // The server crashes while it starts: waiting longer would only hide the reason.
    if ((await crashes()) >= 3) throw down(app, `it ends right after it starts:\n${await reason()}`)
  }
}

async function recovering(connect: () => Promise<pg.Client>): Promise<boolean> {
  const client = await connect()
  try {
    const { rows } = await client.query<{ still: boolean }>('select pg_is_in_recovery() as still')
    return rows[0]!.still
  } finally {
    await client.end()
  }
}

export function down(app: string, why: string, cause?: unknown): Failure {
  return new Failure('database.down', `the PostgreSQL of ${app} does not answer`, {
    why,
    fix: `\`inn logs ${app} --service postgres -n 50\``,
    cause,
  })
}
