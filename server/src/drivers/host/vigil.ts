/** Longest time that a server may answer nothing while something waits for it. A busy one answers in between. */
export const SILENT_MS = 30_000
/** Most waits are over before anybody has to look. */
const FIRST_LOOK_MS = 5_000
const PAUSE_MS = 3_000

/** Asks a server now and then whether it answers, and calls `onSilent` once when it has not for half a minute. Returns what ends the asking. */
export function vigil(answers: () => Promise<boolean>, onSilent: () => void): () => void {
  let over = false
  let last = performance.now()
  let timer = setTimeout(() => void look(), FIRST_LOOK_MS)
  async function look(): Promise<void> {
    const answered = await answers().catch(() => false)
    if (over) return
    if (answered) last = performance.now()
    if (performance.now() - last >= SILENT_MS) return onSilent()
    timer = setTimeout(() => void look(), PAUSE_MS)
  }
  return () => {
    over = true
    clearTimeout(timer)
  }
}

interface Waiting {
  answers: () => Promise<boolean>
  /** What is told when the server is silent. */
  failure: () => Error
  signal?: AbortSignal | undefined
}

/** Does work that waits for a server, with a signal that aborts when the server is silent. */
export async function whileAnswering<T>(
  { answers, failure, signal }: Waiting,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const silent = new AbortController()
  const end = vigil(answers, () => silent.abort(failure()))
  try {
    return await work(signal === undefined ? silent.signal : AbortSignal.any([signal, silent.signal]))
  } catch (error) {
    // What was cut off may say that in its own words.
    throw silent.signal.aborted ? silent.signal.reason : error
  } finally {
    end()
  }
}
