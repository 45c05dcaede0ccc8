import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headline } from './headline.ts'

const app = (name: string, state: 'serving' | 'down' | 'degraded' | 'stopped') => ({ name, state })
const late = (code: string) => ({ code, level: 'late' as const })
const both = [app('shop', 'serving'), app('blog', 'serving')]

test('the headline says what serves, and what does not', () => {
  const of = (apps: ReturnType<typeof app>[]) => headline({ apps, alarms: [] })
  assert.equal(of([]), 'No apps yet')
  assert.equal(of([app('shop', 'stopped')]), 'Nothing is serving')
  assert.equal(of([app('shop', 'serving')]), 'shop is serving')
  assert.equal(of(both), 'All apps are serving')
  assert.equal(of([app('shop', 'stopped'), ...both]), 'shop and blog are serving')
  assert.equal(of([app('a', 'down'), app('b', 'degraded'), ...both]), 'a is down; b is degraded')
})

test('it is not all well while an alarm is red, and what it is about is said once', () => {
  const alarms = [late('disk.full'), late('backup.overdue'), late('backup.gap')]
  assert.equal(
    headline({ apps: both, alarms }),
    'All apps are serving, and there is an alarm about disk and backup',
  )
  const soon = [{ code: 'backup.same-disk', level: 'soon' as const }]
  assert.equal(headline({ apps: both, alarms: soon }), 'All apps are serving')
})
