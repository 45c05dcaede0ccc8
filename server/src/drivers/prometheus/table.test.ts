import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { page } from './table.ts'

test('docs/alerts.md is the table of the rules', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../../docs/alerts.md'), 'utf8')
  assert.equal(text, page(), 'node server/src/drivers/prometheus/table.ts')
})
