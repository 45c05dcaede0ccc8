import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Failure } from '../kernel/failure.ts'
import { recorder } from './stand-in.fixture.ts'
import { watched } from './watched.ts'

test('a screen is drawn again until Ctrl-C, also after a keeper that did not answer, and then left', async () => {
  const { terminal, drawn, printed } = recorder({ plain: true })
  const listening = process.listenerCount('SIGINT')
  let n = 0
  await watched(terminal, 1, async screen => {
    n++
    if (n === 2) throw new Failure('keeper.down', 'the keeper does not answer', { why: 'no', fix: 'inn up' })
    if (n === 3) process.emit('SIGINT')
    screen.print(`look ${n}`)
  })
  assert.deepEqual(drawn, [
    'look 1\n\nCtrl-C ends',
    'the keeper does not answer: inn up\n\nCtrl-C ends',
    'look 3\n\nCtrl-C ends',
    null,
  ])
  assert.deepEqual([printed, process.listenerCount('SIGINT')], [[], listening])
})
