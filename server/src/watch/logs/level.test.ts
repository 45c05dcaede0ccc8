import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../kernel/output.ts'
import { NESTED, SAID } from './level.fixture.ts'
import { levelOf } from './level.ts'

test('levels are read from JSON, from statuses of requests, from the first word, and from stack traces', () => {
  for (const [text, level] of [...SAID, ...NESTED]) assert.equal(levelOf(plain(text)), level, text)
})

test('no line takes long, whatever an app writes', () => {
  const begun = performance.now()
  for (const start of [
    '[x] 1 - ',
    '[',
    '    ',
    '1 ',
    'at ',
    'GET ',
    'x - ',
    '{"level"',
    '{"level":1',
    'Error',
  ])
    for (const more of [' ', '[', '1', ':1', '1 ', ' 1', '"', '"level"', 'A', '\\'])
      levelOf(start + more.repeat(200_000 / more.length))
  assert.ok(performance.now() - begun < 5_000)
})
