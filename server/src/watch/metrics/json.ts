import type { Metric } from './text.ts'

/** How many numbers of one body become series, and how deep they may lie. */
const MOST = 200
const DEEPEST = 8

/** Numbers, and yes or no as 1 and 0, at their paths: `{"db":{"ms":3}}` is `app_db_ms 3`. Lists and texts are left out. */
export function jsonMetrics(body: unknown): { metrics: Metric[]; left: number } {
  const found = new Map<string, number>()
  let left = 0
  const take = (path: string, value: number) => {
    const name = `app_${path}`.replaceAll(/[^A-Za-z0-9_]/g, '_')
    if (found.has(name) || found.size >= MOST || name.length > 150) left++
    else found.set(name, value)
  }
  const walk = (value: unknown, path: string, depth: number): void => {
    if (typeof value === 'number' || typeof value === 'boolean') take(path, Number(value))
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return
    if (depth >= DEEPEST) {
      left++
      return
    }
    for (const [key, inner] of Object.entries(value))
      walk(inner, path === '' ? key : `${path}_${key}`, depth + 1)
  }
  walk(body, '', 0)
  const metrics = [...found].map(
    ([name, value]): Metric => ({ name, kind: 'gauge', help: 'From JSON.', samples: [[{}, value]] }),
  )
  return { metrics, left }
}
