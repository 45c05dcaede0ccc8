import type { Clock } from '../../kernel/clock.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { DatabaseFacts } from './facts.ts'
import type { Finding } from './finding.ts'
import { diagnose } from './rule.ts'

export interface WatchPorts {
  apps(): Promise<readonly string[]>
  /** null: it has no database. Rejects where it does not answer. */
  facts(app: string): Promise<DatabaseFacts | null>
  clock: Clock
}

/** What stops writes comes over weeks. */
const EACH_MS = 3_600_000
/** Every app has an alert of its own about these. */
const TOLD_ELSEWHERE = new Set(['connections'])

/** Looks at the databases of apps, one after the other, and tells of what stops writes. */
export function createWatch({ apps, facts, clock }: WatchPorts) {
  const found = new Map<string, { at: number; bad: readonly Finding[] }>()
  let first: Promise<void> | null = null

  async function tick(): Promise<void> {
    const names = await apps()
    for (const name of found.keys()) if (!names.includes(name)) found.delete(name)
    for (const name of names) {
      const last = found.get(name)
      if (last !== undefined && clock.now() - last.at < EACH_MS) continue
      // One that is down or asleep is told of elsewhere, and what was known of it stays so.
      const seen = await facts(name).catch(() => undefined)
      if (seen === undefined) continue
      const bad =
        seen === null ? [] : diagnose(seen).filter(one => one.level === 'bad' && !TOLD_ELSEWHERE.has(one.id))
      found.set(name, { at: clock.now(), bad })
    }
  }

  return {
    tick,
    /** Those of the last look. The first who asks waits for one, so that no keeper takes for over what it has not looked at yet. */
    async alarms(): Promise<Alarm[]> {
      // One that failed is not the answer for ever.
      first ??= tick().catch(error => {
        first = null
        throw error
      })
      await first
      return [...found].flatMap(([app, { bad }]) => bad.map(one => alarmOf(app, one)))
    },
  }
}

const alarmOf = (app: string, { what }: Finding): Alarm => ({
  code: 'database.sick',
  level: 'late',
  what: `the database of ${app}: ${what}`,
  fix: `\`inn db doctor ${app}\` says why, and what mends it`,
  app,
})
