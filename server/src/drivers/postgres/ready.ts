import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { describe, Failure } from '../../kernel/failure.ts'

/** Waits until it takes connections and changes; a log that is replayed may take its time. */
export async function ready(
  connect: () => Promise<pg.Client>,
  crashes: () => Promise<number>,
  signal?: AbortSignal,
): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(50)) {
    signal?.throwIfAborted()
    try {
      if (!(await recovering(connect))) return
    } catch (error) {
      // It says itself that it is on its way: a log of hours is replayed for minutes.
      const busy = /starting up|not yet accepting/.test(describe(error).why)
      if (!busy && Date.now() > end) throw error
    }
    // It does not even come up: waiting longer would only hide why.
    if ((await crashes()) >= 3) throw down('it ends right after it starts')
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

export function down(why: string, cause?: unknown): Failure {
  return new Failure('database.down', 'PostgreSQL does not answer', {
    why,
    fix: 'inn logs postgres -n 50',
    cause,
  })
}
