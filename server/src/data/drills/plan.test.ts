import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type DrillWish, planDrill } from './plan.ts'

const wish: DrillWish = {
  drill: 'shop-1',
  app: 'shop',
  point: 'p1',
  place: 'disk',
  backup: '20261120-020000F',
  copy: 'd1',
  timeline: 1,
  abandoned: null,
  release: 'r4',
  notices: ['the files of r3 are not kept any more: r4 is started instead'],
}

test('a drill climbs from the stored objects to the app, beside nothing else of the app and no backup', () => {
  const plan = planDrill(wish)
  assert.deepEqual(plan.locks, ['app:shop', 'backups:shop'])
  assert.deepEqual(
    plan.steps.map(({ does }) => does.kind),
    [
      'drill.begin',
      'drill.objects',
      'drill.checksums',
      'drill.copy',
      'drill.integrity',
      'drill.content',
      'drill.boot',
      'drill.kit',
      'drill.end',
    ],
  )
  assert.ok(plan.notices.includes('`inn drill show shop-1` has the report'))
  assert.equal(plan.notices[0], wish.notices[0])
})

test('the copy goes whether the drill ends well or not, and one that does not is noted', () => {
  const { steps, cleanup } = planDrill(wish)
  const remove = { kind: 'copy.remove', app: 'shop', copy: 'd1' }
  assert.deepEqual(cleanup, [remove])
  const undone = steps.filter(step => step.undo !== null)
  assert.deepEqual(
    undone.map(({ does, undo }) => [does.kind, undo]),
    [
      ['drill.begin', { kind: 'drill.break-off', drill: 'shop-1', app: 'shop' }],
      ['drill.copy', remove],
    ],
  )
})

test('a point that is no part of what the app has now is said before, and stands in the report', () => {
  const abandoned = 'p1 is of a branch that was left'
  const { notices, steps } = planDrill({ ...wish, abandoned })
  assert.equal(notices[0], abandoned)
  const [begin] = steps
  assert.deepEqual(begin!.does.kind === 'drill.begin' && begin!.does.abandoned, abandoned)
})
