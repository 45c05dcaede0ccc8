import { table } from '../../cli/terminal.ts'
import type { AppVitals, VitalName } from './wire.ts'

const NAMES: Record<VitalName, string> = {
  lcp: 'LCP',
  inp: 'INP',
  cls: 'CLS',
  fcp: 'FCP',
  ttfb: 'TTFB',
  load: 'load',
}
const RATINGS = { good: 'good', fair: 'needs work', poor: 'poor' } as const
/** What visitors felt, as texts to print; none where no page is measured. */
export function felt({ views, vitals, pages, leftOut }: AppVitals): string[] {
  const left = leftOut.map(one => `left out of ${one.pages} pages: ${one.says}`)
  if (views === 0) return left
  const named = vitals.map(one => NAMES[one.name])
  const all = vitals.map(({ name, p75, rating }) =>
    rating === null ? value(name, p75) : `${value(name, p75)} ${RATINGS[rating]}`,
  )
  const rows = pages.map(({ page, service, views, vitals }) => [
    page,
    service,
    String(views),
    ...vitals.map(({ name, p75 }) => value(name, p75)),
  ])
  return [
    `what visitors felt, three quarters of ${views} page views no worse`,
    table(named, [all]),
    table(['page', 'service', 'views', 'LCP', 'INP', 'CLS'], rows),
    ...left,
  ]
}

function value(name: VitalName, p75: number | null): string {
  if (p75 === null) return '-'
  if (name === 'cls') return p75.toFixed(2)
  return p75 < 1 ? `${Math.round(p75 * 1000)} ms` : `${p75.toFixed(1)} s`
}
