import { iso } from '../../kernel/moments.ts'
import { type Drill, LEVELS } from './drill.ts'
import type { Drill as DrillView } from './wire.ts'

/** A drill as the API shows it: what was proven and what was not, level by level. */
export function drillView(drill: Drill): DrillView {
  const { levels, at, endedAt, rtoMs, rpoMs, id, app, point, place, abandoned, state } = drill
  const failed = levels.find(level => level.state === 'failed')
  const unreached = failed === undefined ? 'not reached' : `not reached: L${failed.level} failed`
  return {
    ...{ id, app, point, place, abandoned, state, rtoMs, rpoMs },
    startedAt: iso(at),
    endedAt: endedAt === null ? null : iso(endedAt),
    levels: LEVELS.map((name, level) => {
      const seen = levels.find(l => l.level === level)
      return seen === undefined
        ? { level, name, state: 'skipped' as const, detail: unreached, ms: null }
        : { level, name, state: seen.state, detail: seen.detail, ms: seen.ms }
    }),
    unproven: levels.flatMap(level => level.unproven),
  }
}
