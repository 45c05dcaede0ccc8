import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runbookProblems } from './cli-check.ts'

test('runbooks that cannot be walked, or would never run by themselves, are problems of the repository', () => {
  const auto = { on: ['app.down'], every: 3_600_000 }
  const config = { runbooks: { good: auto, unmarked: auto, missing: auto } }
  const all = [
    { name: 'good', safe: true, problems: [] },
    { name: 'unmarked', safe: false, problems: [] },
    { name: 'broken', safe: false, problems: ['line 3: no'] },
  ]
  const found = runbookProblems(all, { config, lineOf: path => path.length })
  assert.deepEqual(
    found.map(({ path, line }) => [path, line]),
    [
      ['runbooks/broken.md', null],
      ['runbooks.unmarked', 2],
      ['runbooks.missing', 2],
    ],
  )
  assert.match(found[1]!.message, /not marked `safe: true`/)
  assert.match(found[2]!.message, /no runbooks\/missing\.md/)
})
