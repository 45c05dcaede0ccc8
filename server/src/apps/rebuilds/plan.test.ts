import assert from 'node:assert/strict'
import { test } from 'node:test'
import { givesWay } from '../../engine/precedence.ts'
import { release } from '../deploys/plan.fixture.ts'
import { rebuilds } from './part.ts'
import { planRebuild } from './plan.ts'

test('what the release itself built is built again, and what was built is removed however it ends', () => {
  const own = release(4)
  const plan = planRebuild(own)
  const clear = { kind: 'rebuild.clear', app: own.app }
  assert.deepEqual(
    plan.steps.map(step => [step.does.kind, step.undo]),
    [
      ['rebuild.take', clear],
      ...own.config.services.map(() => ['rebuild.build', null]),
      ['rebuild.compare', null],
    ],
  )
  assert.deepEqual(plan.cleanup, [clear])
  const lent = planRebuild({ ...own, artifacts: { ...own.artifacts, [own.config.services[0]!.name]: 'r3' } })
  assert.equal(lent.steps.length, plan.steps.length - 1, 'what an earlier release built')
})

test('it waits for no change of instances, and gives way to what builds or removes', () => {
  const { locks, kind } = planRebuild(release(4))
  assert.deepEqual(locks, [`build:${release(4).app}`])
  for (const to of ['deploy', 'rollback', 'remove'])
    assert.equal(givesWay([rebuilds.precedence!], { kind, to }), true)
})
