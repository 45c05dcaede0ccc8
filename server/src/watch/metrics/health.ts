import { jsonObject } from '../../kernel/json.ts'
import type { Metric } from './text.ts'

/** The last answer of an instance to its health check, where that was JSON. */
export interface HealthBody {
  app: string
  service: string
  /** `api.blue.1` */
  instance: string
  release: string
  body: string
}

/** How many paths of one service become series, how deep they may lie and how long they may be. */
const MOST = 50
const DEEPEST = 6
const LONGEST = 150
/** And how many series all of them are, so that what else the keeper tells is still taken. */
const MOST_SERIES = 5_000

const GOOD =
  /^(ok|up|healthy|ready|pass|passing|alive|live|connected|available|operational|serving|running)$/i
const BAD =
  /^(error|down|unhealthy|not[ _-]?ready|fail|failed|failing|dead|disconnected|unavailable|outage|degraded|stopped)$/i

/** A number as it is, yes and what is well as 1, no and what is wrong as 0; null: it is something else. */
export function asNumber(said: unknown): number | null {
  if (typeof said === 'number') return Number.isFinite(said) ? said : null
  if (typeof said === 'boolean') return Number(said)
  if (typeof said !== 'string') return null
  return GOOD.test(said) ? 1 : BAD.test(said) ? 0 : null
}

/** What a body says, by paths as `health.expect.json` has them: `checks.database.responseTime`. */
export function healthValues(body: string): Map<string, number> {
  const found = new Map<string, number>()
  const walk = (inside: object, prefix: string, depth: number): void => {
    for (const [key, said] of Object.entries(inside)) {
      const path = `${prefix}${key}`
      const value = asNumber(said)
      if (value !== null && path.length <= LONGEST) found.set(path, value)
      // Places in a list are no names.
      if (typeof said === 'object' && said !== null && !Array.isArray(said) && depth < DEEPEST)
        walk(said, `${path}.`, depth + 1)
    }
  }
  walk(jsonObject(body) ?? {}, '', 1)
  return found
}

/**
 * Series of what health bodies say. Paths are remembered for as long as their release is asked: an app whose keys are
 * others each time would make new series without an end.
 */
export function healthSeries() {
  let known = new Map<string, Set<string>>()
  return (bodies: readonly HealthBody[]): Metric => {
    const kept = new Map<string, Set<string>>()
    const samples: Array<Metric['samples'][number]> = []
    for (const { app, service, instance, release, body } of bodies) {
      const key = `${app}/${service}/${release}`
      const paths = known.get(key) ?? kept.get(key) ?? new Set<string>()
      kept.set(key, paths)
      for (const [path, value] of healthValues(body)) {
        if (!paths.has(path) && paths.size >= MOST) continue
        paths.add(path)
        if (samples.length < MOST_SERIES) samples.push([{ app, service, instance, path }, value])
      }
    }
    known = kept
    return {
      name: 'innkeeper_health_value',
      kind: 'gauge',
      help: 'What the answer to a health check says at a path: numbers, and 1 or 0 for what is well or not.',
      samples,
    }
  }
}
