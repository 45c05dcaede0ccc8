import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readLine } from './copy-text.ts'

test('a line of COPY says its values as their types wrote them', () => {
  const cases: Array<[string, Array<string | null>]> = [
    ['1\tab\t', ['1', 'ab', '']],
    [String.raw`\N`, [null]],
    // The text \N, and what only looks like an escape.
    ['\\\\N\t\\\\n', [String.raw`\N`, String.raw`\n`]],
    [String.raw`a\tb\nc\rd\be\ff\vg\\h`, ['a\tb\nc\rd\be\ff\vg\\h']],
    ['ü\u2028 ', ['ü\u2028 ']],
  ]
  for (const [line, values] of cases) assert.deepEqual(readLine(line), values, line)
})
