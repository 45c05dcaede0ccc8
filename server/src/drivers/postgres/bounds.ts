import type pg from 'pg'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'

export interface Bounds {
  /** For all that is asked together. */
  timeoutMs: number
  /** Of all answers together. */
  mostBytes: number
}

/**
 * Hangs up on a server that takes longer, or says more. What it says is an app's: one value may have a gigabyte, `pg` has
 * all of it in memory before anybody can look at it, and ends this process where it is longer than a string may be.
 * `client`: connected. Failure `database.bounds`.
 */
export async function withinBounds<T>(
  client: pg.Client,
  { timeoutMs, mostBytes }: Bounds,
  work: () => Promise<T>,
): Promise<T> {
  const { stream } = client.connection
  let over: Failure | null = null
  let bytes = 0
  const hangUp = (what: string) => {
    over ??= exceeded(what)
    stream.destroy()
  }
  const count = (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > mostBytes) hangUp(`said more than ${showSize(mostBytes)}`)
  }
  const timer = setTimeout(() => hangUp(`took longer than ${showDuration(timeoutMs)}`), timeoutMs)
  stream.on('data', count)
  try {
    return await work()
  } catch (error) {
    throw over ?? error
  } finally {
    clearTimeout(timer)
    stream.off('data', count)
  }
}

const exceeded = (what: string): Failure =>
  new Failure('database.bounds', `the database of the app ${what}`, {
    why: 'the keeper has other apps to look after, so it takes only so much of one',
    fix: 'ask for fewer rows and shorter values; `inn db activity` shows what keeps it busy',
  })
