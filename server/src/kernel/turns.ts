/** Runs work one after the other, in the order of the calls. */
export function inTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    // A failure of the work before concerns only its own caller.
    const mine = last.catch(() => {}).then(work)
    last = mine
    return mine
  }
}
