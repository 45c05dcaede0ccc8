/** Apps that must not sleep now, because something reads their data. */
export interface Awake {
  /** Keeps an app awake as long as `work` takes. */
  during<T>(app: string, work: () => Promise<T>): Promise<T>
  has(app: string): boolean
}

export function createAwake(): Awake {
  const held = new Map<string, number>()
  const add = (app: string, n: number) => held.set(app, (held.get(app) ?? 0) + n)
  return {
    async during(app, work) {
      add(app, 1)
      try {
        return await work()
      } finally {
        add(app, -1)
      }
    },
    has: app => (held.get(app) ?? 0) > 0,
  }
}
