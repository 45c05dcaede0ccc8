/** Lets work of one kind happen one after the other, in the order in which it was asked for. */
export function inTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve()
  return work => {
    // The one before may have failed: that is its own caller's affair.
    const mine = last.catch(() => {}).then(work)
    last = mine
    return mine
  }
}
