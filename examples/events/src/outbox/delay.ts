import { GrammyError } from 'grammy'

const SECOND = 1000
const LONGEST = 5 * 60 * SECOND
/** More than half an hour of trying. */
const MOST_ATTEMPTS = 14

export type Fate =
  | { is: 'sent' }
  | { is: 'failed'; reason: string }
  /** `counts` is false when Telegram said itself how long to wait. */
  | { is: 'later'; reason: string; wait: number; counts: boolean }

/** What becomes of a message that Telegram did not take. */
export function fateOf(error: unknown, attempts: number): Fate {
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof GrammyError) {
    const retryAfter = error.parameters.retry_after
    if (error.error_code === 429) return { is: 'later', reason, wait: (retryAfter ?? 1) * SECOND, counts: false }
    if (error.description.includes('message is not modified')) return { is: 'sent' }
    if (error.error_code < 500) return { is: 'failed', reason }
  }
  if (attempts >= MOST_ATTEMPTS) return { is: 'failed', reason }
  return { is: 'later', reason, wait: Math.min(2 ** (attempts - 1) * SECOND, LONGEST), counts: true }
}
