import type { AppVitals } from '../../../server/src/watch/metrics/wire.ts'

type Vital = AppVitals['vitals'][number]

export const NAMES: Record<Vital['name'], { short: string; long: string }> = {
  lcp: { short: 'LCP', long: 'largest part painted' },
  inp: { short: 'INP', long: 'answer to a click' },
  cls: { short: 'CLS', long: 'moved by itself' },
  fcp: { short: 'FCP', long: 'first paint' },
  ttfb: { short: 'TTFB', long: 'first byte' },
  load: { short: 'Load', long: 'all of the page' },
}

export const RATINGS = { good: 'good', fair: 'needs work', poor: 'poor' } as const

/** A figure as a person reads it. */
export function vital({ name, p75 }: Pick<Vital, 'name' | 'p75'>): string {
  if (p75 === null) return '–'
  if (name === 'cls') return p75.toFixed(2)
  return p75 < 1 ? `${Math.round(p75 * 1000)} ms` : `${p75.toFixed(1)} s`
}
