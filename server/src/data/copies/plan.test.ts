import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkName } from './copy.ts'
import { planCopy, planEnd } from './plan.ts'

const wish = {
  app: 'shop',
  copy: 'look',
  chosen: {
    place: 'local',
    target: { kind: 'time', at: 5, backup: '20261120-020000F', timeline: 1 },
    at: 5,
    says: '10:00',
    snapshots: [],
    notices: [],
  },
  port: 20_001,
  forMs: 3_600_000,
} as const

test('a copy is made under locks of its own: a deploy of the app does not wait for it', () => {
  const { locks, steps } = planCopy(wish)
  assert.deepEqual(locks, ['copy:look', 'backups:shop'])
  assert.deepEqual(
    steps.map(({ does }) => does.kind),
    ['copy.begin', 'restore.check', 'restore.fetch', 'restore.reach', 'copy.open'],
  )
  const undone = steps.flatMap(({ undo }) => undo?.kind ?? [])
  assert.deepEqual(undone.toReversed(), ['copy.remove', 'copy.forget'], 'forgotten when it is gone')
})

test('one goes while a backup is made, and never while it is made itself', () => {
  assert.deepEqual(planEnd('shop', 'look').locks, ['copy:look'])
})

test('names are short enough for the path of a socket', () => {
  for (const good of ['a', 'look', 'before-friday'.slice(0, 12), 'x9']) checkName(good)
  for (const bad of ['', '9x', 'Look', 'a/b', 'a.b', 'thirteen-char'])
    assert.throws(() => checkName(bad), { code: 'copy.name' }, bad)
})
