import { showDuration } from '../../kernel/durations.ts'
import type { Traffic } from '../../reach/edge/edge.ts'
import { causeOf, quantile } from '../checks/counters.ts'

/** What the watch compares: the new side since the switch, and the old side before it. */
export interface WatchSample {
  service: string
  /** `now`: counters of the new release since the switch; `before`: of the old one until then. Null: nothing was counted. */
  now: Traffic | null
  before: Traffic | null
  /** Of `now`, the last few seconds. Null: the watch has only begun, or nothing was counted. */
  lately: Traffic | null
  /** How often instances were started again since the switch, all together. */
  restarts: number
  /** Health checks that failed in a row, at the worst instance. */
  unhealthy: number
  /** The last finding of the worst instance. */
  finding: string
}

const errorsOf = (t: Traffic | null): number => (t === null ? 0 : t.status['5xx'] + t.status.failed)
const MIN_ERRORS = 5
const MIN_REQUESTS = 50
const MIN_LATELY = 10

/** Why the switch must be undone, as a sentence; null: go on watching. */
export function worse(sample: WatchSample): string | null {
  const { service, now, before } = sample
  if (sample.restarts > 0)
    return `${service} ended and was started again ${sample.restarts === 1 ? 'once' : `${sample.restarts} times`}`
  if (sample.unhealthy >= 3) return `${service} is not healthy any more: ${sample.finding}`
  if (now === null || now.requests === 0) return null
  const rate = errorsOf(now) / now.requests
  const rateBefore = before === null || before.requests === 0 ? 0 : errorsOf(before) / before.requests
  if (errorsOf(now) >= MIN_ERRORS && rate > rateBefore * 2 + 0.01) {
    return `${service} fails ${percent(rate)} of its requests (${errorsOf(now)} of ${now.requests}), before ${percent(rateBefore)}${because(now)}`
  }
  return slower(sample)
}

/** A process that has just begun answers its first requests slowly, so it must have been slow lately, too. */
function slower({ service, now, lately, before }: WatchSample): string | null {
  if (now === null || lately === null || before === null) return null
  const enough =
    now.requests >= MIN_REQUESTS && before.requests >= MIN_REQUESTS && lately.requests >= MIN_LATELY
  const [p95, p95Lately, p95Before] = [now, lately, before].map(one => quantile(one, 0.95))
  if (!enough || p95 == null || p95Lately == null || p95Before == null) return null
  const bound = Math.max(p95Before * 4, p95Before + 0.5)
  if (p95 <= bound || p95Lately <= bound) return null
  return `${service} answers in ${showDuration(p95Lately * 1000)} (p95), before in ${showDuration(p95Before * 1000)}`
}

/** What the edge saw, when it got no answer: the app's own log says nothing of it. */
function because(now: Traffic): string {
  const cause = causeOf(now)
  return cause === null ? '' : `; as the edge saw it: ${cause}`
}

const percent = (rate: number): string => `${(rate * 100).toFixed(1)} %`
