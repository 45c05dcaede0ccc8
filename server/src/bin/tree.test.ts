import assert from 'node:assert/strict'
import { test } from 'node:test'
import { failsWith } from '../cli/stand-in.fixture.ts'
import { up } from './tree.ts'

test('a path that can be no home is refused in words, before anything is made', async () => {
  const refused: Array<[string, string]> = [
    ['innkeeper', 'home.relative'],
    ['/tmp/a b', 'home.characters'],
    [`/tmp/${'x'.repeat(200)}`, 'home.too-long'],
    ['/etc/passwd', 'home.file'],
    ['/etc/passwd/below', 'home.file'],
  ]
  for (const [root, code] of refused)
    await assert.rejects(
      up(root, () => {}),
      failsWith(code),
      root,
    )
})
