import assert from 'node:assert/strict'
import { test } from 'node:test'
import { troubles } from './trouble.ts'

test('an alarm is called by what it is about, once, and only when it is bad now', () => {
  const alarms = [
    { code: 'database.gone', level: 'late' as const },
    { code: 'backup.overdue', level: 'late' as const },
    { code: 'backup.gap', level: 'late' as const },
    { code: 'walls.ports', level: 'soon' as const },
  ]
  assert.deepEqual(troubles({ apps: [], alarms }), ['database', 'backup'])
})

test('apps that do not serve as they should come first', () => {
  const apps = [
    { name: 'shop', state: 'down' as const },
    { name: 'bar', state: 'serving' as const },
    { name: 'inn', state: 'degraded' as const },
  ]
  const alarms = [{ code: 'drill.failed', level: 'late' as const }]
  assert.deepEqual(troubles({ apps, alarms }), ['shop down', 'inn degraded', 'drill'])
})
