import assert from 'node:assert/strict'
import { test } from 'node:test'
import { step } from '../../../server/src/cli/stand-in.fixture.ts'
import { stepKey, stepsOf, underWay } from './steps.ts'

test('a plan is shown as a run that has not begun', () => {
  const steps = stepsOf({
    title: 'deploy',
    steps: [
      { title: 'build', undo: null },
      { title: 'start', undo: 'stop' },
    ],
    cleanup: ['tidy'],
    notices: [],
  })
  assert.deepEqual(
    steps.map(one => [one.phase, one.index, one.title, one.undo, one.state, one.ms, one.note]),
    [
      ['steps', 0, 'build', null, 'pending', null, null],
      ['steps', 1, 'start', 'stop', 'pending', null, null],
      ['cleanup', 0, 'tidy', null, 'pending', null, null],
    ],
  )
  assert.deepEqual(steps.map(stepKey), ['steps 0', 'steps 1', 'cleanup 0'])
})

test('a step is under way while it is done or undone', () => {
  const states = ['pending', 'running', 'done', 'failed', 'undoing', 'undone'] as const
  assert.deepEqual(
    states.filter(state => underWay(step('x', { state }))),
    ['running', 'undoing'],
  )
})
