import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Alert } from './alert.ts'
import type { Event } from './policy.ts'
import { contentOf } from './words.ts'

const USES = 'Uses most processor: shop api 150 %'
const news = (alertname: string, app: string | null = 'shop', event: Event = 'begun') => {
  const labels = { alertname, severity: 'critical', ...(app === null ? {} : { app }) }
  const alert: Alert = {
    ...{ fingerprint: alertname, labels, annotations: { summary: alertname }, url: null },
    ...{ startsAt: null, endsAt: null, source: 'keeper', state: 'firing', occurrence: alertname },
    ...{ since: 0, updatedAt: 0, overAt: event === 'over' ? 1 : null, openings: [0], told: {}, acked: null },
  }
  return { alert, event }
}
const textOf = (...all: Array<ReturnType<typeof news>>): string =>
  contentOf(all, { now: 1, causes: new Map(), uses: [USES], charts: new Map(), link: null }).text

test('what uses most is said once, and only where a process may be the reason', () => {
  for (const name of ['app.down', 'part.down', 'probe.failed', 'backup.heartbeat', 'HostCpu', 'QueueGrows'])
    assert.match(textOf(news(name)), /Uses most/, name)
  for (const name of [
    'certificate.renewal',
    'CertificateEnds',
    'backup.overdue',
    'backup.kit',
    'drill.failed',
    'checkin.missed',
    'channel.bounced',
    'RulesRefused',
    'DiskFills',
    'disk.full',
  ])
    assert.doesNotMatch(textOf(news(name)), /Uses most/, name)
  assert.equal(
    textOf(news('app.down'), news('HostCpu', null), news('app.down', 'other')).split(USES).length,
    2,
  )
  assert.match(textOf(news('backup.overdue'), news('app.down')), /Uses most/)
  assert.doesNotMatch(textOf(news('app.down', 'shop', 'over')), /Uses most/)
})
