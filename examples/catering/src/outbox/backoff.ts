const FIRST_SECONDS = 5
const LONGEST_SECONDS = 60 * 60
/** About eight hours of trying. */
const MOST_ATTEMPTS = 16

/** Seconds to wait after so many failures; undefined: give up. */
export function waitAfter(attempts: number): number | undefined {
  if (attempts >= MOST_ATTEMPTS) return undefined
  return Math.min(FIRST_SECONDS * 2 ** (attempts - 1), LONGEST_SECONDS)
}
