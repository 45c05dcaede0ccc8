import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planDeploy } from '../../apps/deploys/changes.ts'
import { after, config, release, second, wish } from '../../apps/deploys/plan.fixture.ts'
import { planUndo } from './plan.ts'

test('undone after a partial deploy, each service starts again with the release that it ran', () => {
  const partial = planDeploy(second(), wish(3, { only: ['bot'], current: release(2) }))
  const world = after(second(), partial)
  const plan = planUndo(world, release(3, { config }), {
    names: { copy: 'c', fresh: 'f', aside: 'a' },
    record: { says: 'then', at: 0, snapshots: [] },
  })
  const stops = plan.steps.flatMap(({ does, undo }) =>
    does.kind === 'instances.stop' && does.why.startsWith('nobody writes') ? [{ does, undo }] : [],
  )
  const stopped = stops.flatMap(({ does }) => does.slots.map(s => `${s.service}.${s.colour}`))
  assert.deepEqual(
    stopped.sort(),
    world.running.map(r => `${r.service}.${r.colour}`).sort(),
    'also what is kept warm stops',
  )
  const again = stops.flatMap(({ undo }) =>
    undo?.kind === 'instances.again' ? undo.slots.map(s => `${undo.release} ${s.service}.${s.colour}`) : [],
  )
  assert.deepEqual(again.sort(), ['r2 api.green', 'r2 api.green', 'r2 mail.green', 'r3 bot.blue'])
})
