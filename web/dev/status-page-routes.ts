import { z } from 'zod'
import { type ComponentState, StatusPageView } from '../../server/src/watch/status-page/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const DAY = 86_400_000

/** A component with 90 days, of which some were not all well. */
const component = (
  name: string,
  bad: Readonly<Record<number, ComponentState>>,
  more: { state?: ComponentState; uptime: number; since?: number },
) => ({
  ...{ name, state: more.state ?? ('operational' as const), uptime: more.uptime },
  days: Array.from({ length: 90 }, (_, n) => {
    const known = n < (more.since ?? 0) ? 0 : DAY
    const state = known === 0 ? ('unknown' as const) : (bad[n] ?? ('operational' as const))
    return {
      ...{ day: new Date(Date.now() - (89 - n) * DAY).toISOString().slice(0, 10), state },
      ...{ share: known / DAY, known, down: 0, degraded: 0, maintenance: 0, requests: 40_000, errors: 3 },
    }
  }),
})

const page = (): StatusPageView => ({
  ...{ app: 'hostel', url: 'https://status.hostel.example/', publishedAt: ago(12), mail: 'post' },
  ...{ subscribers: 214, told: { at: ago(7_400), title: 'Investigating: Some bookings fail' } },
  page: {
    ...{ title: 'Hostel', state: 'degraded', headline: 'Some requests fail or are slow', writtenAt: ago(12) },
    components: [
      component(
        'Booking',
        { 20: 'major', 51: 'degraded', 70: 'maintenance', 89: 'degraded' },
        {
          ...{ state: 'degraded', uptime: 0.99981 },
        },
      ),
      component('Website', { 20: 'partial', 70: 'maintenance' }, { uptime: 0.99998 }),
      component('Mail', { 86: 'degraded' }, { uptime: 1, since: 25 }),
    ],
    ...{ incidents: [], maintenance: [] },
  },
})

export const statusPageRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/status-pages$/, call => answer(call, z.array(StatusPageView), [page()])],
]
