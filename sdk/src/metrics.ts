import { monitorEventLoopDelay } from 'node:perf_hooks'

export type Labels = Readonly<Record<string, string | number>>

export interface Counter {
  add(labels?: Labels, by?: number): void
}
export interface Histogram {
  /** In the unit that its name says; seconds for times. */
  observe(value: number, labels?: Labels): void
}

interface Asked {
  help: string
}

export interface Metrics {
  /** What only grows. Its name ends with `_total`. */
  counter(name: string, asked: Asked): Counter
  /** What goes up and down: read when somebody asks. One that rejects, or says undefined, is left out. */
  gauge(name: string, asked: Asked & { read(): Value | Promise<Value> }): void
  histogram(name: string, asked: Asked & { buckets?: readonly number[] }): Histogram
  /** In the text format of Prometheus 0.0.4. It waits for gauges as long as `timeoutMs` says. */
  text(): Promise<string>
}

type Value = number | undefined | ReadonlyArray<readonly [Labels, number]>

export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export interface MetricsOptions {
  /** Before each name, such as `shop_`. */
  prefix?: string
  /** Whether the process itself is among them: memory, time since its start, delay of the event loop; default: true. */
  process?: boolean
  /** Longest that an answer waits for a gauge, in milliseconds; default: 1000. */
  timeoutMs?: number
}

/** Of times to answer, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Different labels of one name. What takes its labels from visitors would fill memory and Prometheus. */
const MOST_SERIES = 1_000
const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/

type Printer = () => string[] | Promise<string[]>

/** Counts and measures what only an app knows. */
export function createMetrics({
  prefix = '',
  process: own = true,
  timeoutMs = 1_000,
}: MetricsOptions = {}): Metrics {
  const all = new Map<string, Printer>()
  const add = (
    name: string,
    { help }: Asked,
    type: string,
    print: (full: string) => Promise<string[]> | string[],
  ) => {
    const full = prefix + name
    if (!NAME.test(full)) throw new Error(`${full} is no name of a metric: letters, digits and _ make one`)
    if (all.has(full)) throw new Error(`there is a metric ${full} already`)
    all.set(full, async () => {
      const lines = await print(full)
      return lines.length === 0
        ? []
        : [`# HELP ${full} ${escapeHelp(help)}`, `# TYPE ${full} ${type}`, ...lines]
    })
  }
  const metrics: Metrics = {
    counter(name, asked) {
      const series = seriesOf(() => ({ value: 0 }))
      add(name, asked, 'counter', full => series.print(({ value }, labels) => [`${full}${labels} ${value}`]))
      return {
        add(labels = {}, by = 1) {
          if (by < 0) throw new Error(`${name} only grows`)
          const one = series.at(labels)
          if (one !== null) one.value += by
        },
      }
    },
    gauge(name, asked) {
      add(name, asked, 'gauge', async full => {
        const value = await late(asked.read, timeoutMs)
        if (value === undefined) return []
        if (typeof value === 'number') return [`${full} ${value}`]
        return value.map(([labels, one]) => `${full}${print(labels)} ${one}`)
      })
    },
    histogram(name, asked) {
      const bounds = [...(asked.buckets ?? BUCKETS)].sort((a, b) => a - b)
      const series = seriesOf(() => ({ below: bounds.map(() => 0), sum: 0, count: 0 }))
      add(name, asked, 'histogram', full =>
        series.print((one, _, labels) => [
          ...bounds.map((le, n) => `${full}_bucket${print({ ...labels, le })} ${one.below[n]}`),
          `${full}_bucket${print({ ...labels, le: '+Inf' })} ${one.count}`,
          `${full}_sum${print(labels)} ${one.sum}`,
          `${full}_count${print(labels)} ${one.count}`,
        ]),
      )
      return {
        observe(value, labels = {}) {
          const one = series.at(labels)
          if (one === null) return
          for (const [n, le] of bounds.entries()) if (value <= le) one.below[n]!++
          one.sum += value
          one.count++
        },
      }
    },
    async text() {
      const printed = await Promise.all([...all.values()].map(print => print()))
      return `${printed.flat().join('\n')}\n`
    },
  }
  if (own) ofProcess(metrics)
  return metrics
}

/** The names that clients of Prometheus use for it, without a prefix of their own. */
function ofProcess(metrics: Metrics): void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  metrics.gauge('process_resident_memory_bytes', {
    help: 'Resident memory of the process.',
    read: () => process.memoryUsage.rss(),
  })
  metrics.gauge('nodejs_heap_size_used_bytes', {
    help: 'JavaScript heap in use.',
    read: () => process.memoryUsage().heapUsed,
  })
  metrics.gauge('process_start_time_seconds', {
    help: 'When the process began, in seconds since 1970.',
    read: () => Math.round(Date.now() / 1_000 - process.uptime()),
  })
  metrics.gauge('nodejs_eventloop_lag_p99_seconds', {
    help: '99th percentile of the delay of the event loop since it was last asked.',
    read() {
      const seconds = delay.percentile(99) / 1e9
      delay.reset()
      return Number.isFinite(seconds) ? seconds : undefined
    },
  })
}

/** A value for each set of labels, as many as there may be. */
function seriesOf<T>(fresh: () => T) {
  const all = new Map<string, { labels: Labels; value: T }>()
  return {
    /** null: there are too many, and this one is not counted. */
    at(labels: Labels): T | null {
      const key = print(labels)
      const found = all.get(key)
      if (found !== undefined) return found.value
      if (all.size >= MOST_SERIES) return null
      const value = fresh()
      all.set(key, { labels, value })
      return value
    },
    print: (lines: (value: T, printed: string, labels: Labels) => string[]): string[] =>
      [...all].flatMap(([printed, { labels, value }]) => lines(value, printed, labels)),
  }
}

function print(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')

/** A gauge that reads a database which is down must not hide how the process itself does. */
async function late(read: () => Value | Promise<Value>, ms: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<undefined>(resolve => {
    timer = setTimeout(resolve, ms, undefined)
    timer.unref()
  })
  try {
    return await Promise.race([Promise.resolve().then(read), tooLate])
  } catch {
    return undefined
  } finally {
    clearTimeout(timer)
  }
}
