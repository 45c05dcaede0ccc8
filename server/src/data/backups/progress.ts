import { showDuration } from '../../kernel/durations.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Progress } from '../repositories/snapshots.ts'

const EVERY_MS = 1_000

/** Shows bytes, rate and time left, once a second. */
export function progressTo(say: (line: string) => void, now: () => number) {
  const started = now()
  let told = started
  return ({ doneBytes, totalBytes }: Progress): void => {
    const at = now()
    if (at - told < EVERY_MS) return
    told = at
    const rate = Math.round(doneBytes / ((at - started) / 1000))
    const of = totalBytes === null ? '' : ` of ${showSize(totalBytes)}`
    const left =
      totalBytes === null || rate === 0
        ? ''
        : `, ${showDuration(((totalBytes - doneBytes) / rate) * 1000)} left`
    say(`${showSize(doneBytes)}${of}, ${showSize(rate)}/s${left}`)
  }
}
