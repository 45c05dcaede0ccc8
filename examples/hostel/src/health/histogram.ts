const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

interface Series {
  buckets: number[]
  sum: number
  count: number
}

/** Request durations in seconds, by method and status. */
export class Histogram {
  private readonly series = new Map<string, Series>()

  observe(labels: string, seconds: number) {
    const series = this.series.get(labels) ?? { buckets: BOUNDS.map(() => 0), sum: 0, count: 0 }
    this.series.set(labels, series)
    const slot = BOUNDS.findIndex((bound) => seconds <= bound)
    if (slot >= 0) series.buckets[slot]! += 1
    series.sum += seconds
    series.count += 1
  }

  /** In the text format of Prometheus. */
  print(name: string): string[] {
    return [...this.series].flatMap(([labels, { buckets, sum, count }]) => {
      let below = 0
      const lines = BOUNDS.map((bound, i) => `${name}_bucket{${labels},le="${bound}"} ${(below += buckets[i]!)}`)
      return [...lines, `${name}_bucket{${labels},le="+Inf"} ${count}`, `${name}_sum{${labels}} ${sum}`, `${name}_count{${labels}} ${count}`]
    })
  }
}
