import type { Query } from '../../apps/databases/migrations.ts'
import { type Showed, type Stage, searchPath, type Waiting } from './rehearsal.ts'

/** Sessions that ask meanwhile, and how long each rests between two statements. */
const SESSIONS = 3
const REST_MS = 10
/** One that takes longer than this in the end is told as so long. */
const LONGEST = "set statement_timeout = '10min'"

/** Nobody keeps the values of statements. With null for each they find other rows and take the same locks. */
async function once(query: Query, text: string): Promise<boolean> {
  const values = Array.from(
    { length: Math.max(0, ...[...text.matchAll(/\$(\d+)/g)].map(([, n]) => Number(n))) },
    () => null,
  )
  await query('begin')
  try {
    await query(text, values)
    return true
  } catch (error) {
    // A value that is not allowed was refused after the locks were had: that counts as well.
    return /^2[23]/.test((error as { code?: string }).code ?? '')
  } finally {
    await query('rollback')
  }
}

/** Asks what the app asks most often, over and over, and notes how long each took. Nothing of it stays. */
export function ask({ owner, path, frequent, now, sleep }: Stage) {
  const found = new Map<string, Waiting>()
  const good = new Set<string>()
  let [over, during] = [false, false]

  const session = (offset: number): Promise<void> =>
    owner(async query => {
      await query(searchPath({ path }))
      await query(LONGEST)
      for (let n = offset; !over; n++) {
        const text = frequent[n % frequent.length]!
        const [began, early] = [now(), !during]
        if (await once(query, text)) good.add(text)
        const ms = now() - began
        const one = found.get(text) ?? { statement: text, beforeMs: 0, duringMs: 0, tries: 0 }
        found.set(text, {
          ...{ ...one, tries: one.tries + 1 },
          // One that was begun before and ends during the migrations has waited for them.
          ...(early && !during
            ? { beforeMs: Math.max(one.beforeMs, ms) }
            : { duringMs: Math.max(one.duringMs, ms) }),
        })
        await sleep(REST_MS)
      }
    })
  const sessions = frequent.length === 0 ? [] : Array.from({ length: SESSIONS }, (_, n) => session(n * 7))
  const all = Promise.allSettled(sessions)

  return {
    begun(): void {
      during = true
    },
    async stop(): Promise<Pick<Showed, 'waiting' | 'asked'>> {
      over = true
      await all
      return {
        waiting: [...found.values()]
          .filter(({ statement }) => good.has(statement))
          .sort((a, b) => b.duringMs - a.duringMs),
        asked: { tried: good.size, left: frequent.length - good.size },
      }
    },
  }
}
