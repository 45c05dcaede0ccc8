import assert from 'node:assert/strict'
import { test } from 'node:test'
import { slotName } from '../app/names.ts'
import { after, failsWith, release, second } from './plan.fixture.ts'
import { planRetire, planScale, planStop } from './scale.ts'
import { planStart } from './start.ts'

test('stop answers 503 before it ends anything, and start brings the same release back in the same colour', () => {
  const stopped = after(second(), planStop(second()))
  assert.deepEqual([stopped.table!.routes, stopped.running, stopped.app.state], [[], [], 'stopped'])
  failsWith('scale.stopped', () => planScale(stopped, release(2), { api: 3 }))
  const again = after(stopped, planStart(stopped, release(2)))
  assert.deepEqual([again.app.live['api'], again.app.state], [{ release: 'r2', colour: 'green' }, 'running'])
  failsWith('stop.already', () => planStop(stopped))
  failsWith('start.already', () => planStart(second(), release(2)))
})

test('scale adds beside what serves, and takes out of traffic before it stops', () => {
  const up = planScale(second(), release(2), { api: 3 })
  assert.deepEqual(
    up.steps.flatMap(s => (s.does.kind === 'instances.start' ? s.does.slots.map(x => x.n) : [])),
    [3],
  )
  const down = planScale(second(), release(2), { api: 1 })
  assert.deepEqual(
    down.cleanup.map(s => s.kind),
    ['instances.drain', 'instances.stop'],
  )
  const refused: Array<Record<string, number>> = [{ web: 2 }, { bot: 2 }, { api: 0 }, { nobody: 1 }]
  for (const wanted of refused) failsWith('scale.refused', () => planScale(second(), release(2), wanted))
})

test('what was kept warm long enough is stopped, and nothing else', () => {
  const plan = planRetire(second(), [{ service: 'api', colour: 'blue', release: 'r1' }])
  assert.deepEqual(
    plan.cleanup.flatMap(s => (s.kind === 'instances.stop' ? s.slots.map(slotName) : [])),
    ['shop.api.blue.1', 'shop.api.blue.2'],
  )
})
