/** Apps that must not sleep now, because something reads their data. */
export interface Awake {
  /** Keeps an app awake as long as `work` takes. */
  during<T>(app: string, work: () => Promise<T>): Promise<T>
  /** Keeps an app awake until the function that it returns is called. */
  hold(app: string): () => void
  has(app: string): boolean
}

export function createAwake(): Awake {
  const held = new Map<string, number>()
  const add = (app: string, n: number) => held.set(app, (held.get(app) ?? 0) + n)
  const hold = (app: string) => {
    add(app, 1)
    return () => add(app, -1)
  }
  return {
    hold,
    async during(app, work) {
      const release = hold(app)
      try {
        return await work()
      } finally {
        release()
      }
    },
    has: app => (held.get(app) ?? 0) > 0,
  }
}
