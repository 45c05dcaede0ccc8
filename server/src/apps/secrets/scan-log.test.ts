import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Added, logReader } from './scan-log.ts'

function added(...lines: string[]): Array<Added | null> {
  const read = logReader()
  return lines.map(read).filter(line => line !== null)
}

test('a line that looks like a header is one only where no line of the hunk is left', () =>
  assert.deepEqual(
    added(
      'commit:aaa 2026-01-01',
      '--- a/a.ts',
      '+++ b/a.ts',
      '@@ -3,2 +3,3 @@ function a() {',
      '--- a/y.svg',
      '-two',
      '\\ No newline at end of file',
      '+++ x.svg',
      '+@@ -1 +1 @@',
      '+commit:bbb',
      '@@ -9 +10 @@',
      '-old',
      '+new',
      '+++ b/b/c d.ts\t',
      '@@ -0,0 +1 @@',
      '+one',
    ),
    [
      { commit: 'aaa 2026-01-01', path: 'a.ts', line: 3, text: '++ x.svg' },
      { commit: 'aaa 2026-01-01', path: 'a.ts', line: 4, text: '@@ -1 +1 @@' },
      { commit: 'aaa 2026-01-01', path: 'a.ts', line: 5, text: 'commit:bbb' },
      { commit: 'aaa 2026-01-01', path: 'a.ts', line: 10, text: 'new' },
      { commit: 'aaa 2026-01-01', path: 'b/c d.ts', line: 1, text: 'one' },
    ],
  ))

test('a path that git quotes keeps its ending, by which it is known', () =>
  assert.deepEqual(
    added('commit:a', String.raw`+++ "b/a\"b/c\t.env"`, '@@ -0,0 +1 @@', '+x').map(line => line!.path),
    [String.raw`a\"b/c\t.env`],
  ))
