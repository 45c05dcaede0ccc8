const FIRST_MS = 500
const LONGEST_MS = 30_000

/**
 * Repeats work in the background for as long as it says that something is left, ever more slowly while nothing goes on.
 * It keeps no process alive.
 */
export function repeating(work: () => Promise<{ left: boolean; moved: boolean }>) {
  let timer: NodeJS.Timeout | null = null
  let pause = FIRST_MS

  function plan(): void {
    if (timer !== null) return
    // Not all processes of an app at once, when the keeper is back.
    timer = setTimeout(turn, pause * (0.75 + Math.random() / 2))
    timer.unref()
  }

  function turn(): void {
    work()
      .catch(() => ({ left: true, moved: false }))
      .then(({ left, moved }) => {
        timer = null
        pause = moved ? FIRST_MS : Math.min(pause * 2, LONGEST_MS)
        if (left) plan()
        else pause = FIRST_MS
      })
      // Nothing above throws; a rejection that nobody hears would end the app.
      .catch(() => {})
  }

  return { wake: plan }
}
