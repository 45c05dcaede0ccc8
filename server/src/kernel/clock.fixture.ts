/** A clock that the test moves: whoever sleeps wakes when their time has come. */
export function handClock(start: number) {
  let now = start
  const sleepers = new Set<{ until: number; wake: () => void }>()
  const settle = async () => {
    for (let n = 0; n < 60; n++) await new Promise(setImmediate)
  }
  return {
    now: () => now,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const one = { until: now + ms, wake: resolve }
        sleepers.add(one)
        signal?.addEventListener('abort', () => {
          sleepers.delete(one)
          reject(signal.reason)
        })
      }),
    async go(ms: number) {
      for (const end = now + ms; now < end; ) {
        now = Math.min(end, now + 1_000)
        for (const one of [...sleepers].filter(({ until }) => until <= now)) {
          sleepers.delete(one)
          one.wake()
        }
        await settle()
      }
    },
    step: (ms: number) => {
      now += ms
    },
    settle,
  }
}
