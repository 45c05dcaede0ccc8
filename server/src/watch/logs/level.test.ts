import assert from 'node:assert/strict'
import { test } from 'node:test'
import { plain } from '../../kernel/output.ts'
import { NESTED, SAID } from './level.fixture.ts'
import { levelOf } from './level.ts'

test('levels are read from JSON, from statuses of requests, from the first word, and from stack traces', () => {
  for (const [text, level] of [...SAID, ...NESTED]) assert.equal(levelOf(plain(text)), level, text)
})
