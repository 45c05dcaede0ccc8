import type { Found } from './ports.ts'
import { last, seconds } from './queries.ts'
import type { AppVitals, Rating, VitalName } from './wire.ts'

/**
 * What is measured in browsers: its series, and up to where it is good and not yet poor. The bounds are those that Google
 * publishes (web.dev/articles/vitals); for the whole load there are none.
 */
const VITALS: Record<VitalName, { series: string; bounds: readonly [good: number, fair: number] | null }> = {
  lcp: { series: 'web_vitals_lcp_seconds', bounds: [2.5, 4] },
  inp: { series: 'web_vitals_inp_seconds', bounds: [0.2, 0.5] },
  cls: { series: 'web_vitals_cls', bounds: [0.1, 0.25] },
  fcp: { series: 'web_vitals_fcp_seconds', bounds: [1.8, 3] },
  ttfb: { series: 'web_vitals_ttfb_seconds', bounds: [0.8, 1.8] },
  load: { series: 'page_load_seconds', bounds: null },
}
const NAMES = Object.keys(VITALS) as VitalName[]
/** Those that are told of each page: Google's core. */
const CORE = ['lcp', 'inp', 'cls'] as const
const MOST_PAGES = 10
/** What kept the script out of pages, by the edge's word for it. */
const LEFT_OUT: Record<string, string> = {
  policy: 'their Content-Security-Policy forbids it',
  encoded: 'the app compressed them all the same',
  headless: 'no </head> or <body> stands in them',
}

export function ratingOf(name: VitalName, value: number | null): Rating | null {
  const { bounds } = VITALS[name]
  if (value === null || bounds === null) return null
  return value <= bounds[0] ? 'good' : value <= bounds[1] ? 'fair' : 'poor'
}

/** Name of a figure → the query whose last value it is. */
export function vitalsQueries(app: string, rangeMs: number): Record<string, string> {
  const of = (series: string) => `increase(${series}{job="edge",app="${app}"}[${seconds(rangeMs)}])`
  const p75 = (name: VitalName, by: string) =>
    `histogram_quantile(0.75, sum by (${by}) (${of(`${VITALS[name].series}_bucket`)}))`
  return {
    views: `sum by (service, page) (${of('page_views_total')}) > 0`,
    'left out': `sum by (why) (${of('innkeeper_edge_pages_left_out_total')}) > 0`,
    ...Object.fromEntries(NAMES.map(name => [name, p75(name, 'le')])),
    ...Object.fromEntries(CORE.map(name => [`${name} by page`, p75(name, 'le, service, page')])),
  }
}

/** Puts the answers to `vitalsQueries` together. */
export function vitalsOf(
  app: string,
  rangeMs: number,
  found: Readonly<Record<string, readonly Found[]>>,
): AppVitals {
  const figure = (name: VitalName, one: Found | undefined) => {
    const p75 = last(one)
    return { name, p75, rating: ratingOf(name, p75) }
  }
  const pages = (found['views'] ?? []).map(({ labels, points }) => {
    const same = (other: Found) =>
      other.labels['service'] === labels['service'] && other.labels['page'] === labels['page']
    return {
      service: labels['service'] ?? '',
      page: labels['page'] ?? '',
      views: Math.round(points.at(-1)?.[1] ?? 0),
      vitals: CORE.map(name => figure(name, found[`${name} by page`]?.find(same))),
    }
  })
  return {
    app,
    rangeMs,
    views: pages.reduce((sum, { views }) => sum + views, 0),
    vitals: NAMES.map(name => figure(name, found[name]?.[0])),
    pages: pages.toSorted((a, b) => b.views - a.views || (a.page < b.page ? -1 : 1)).slice(0, MOST_PAGES),
    leftOut: (found['left out'] ?? []).map(one => {
      const why = one.labels['why'] ?? ''
      return { why, says: LEFT_OUT[why] ?? why, pages: Math.round(last(one) ?? 0) }
    }),
  }
}
