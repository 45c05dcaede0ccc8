import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { page } from './table.ts'

test('the table of rules in docs/migrations.md is the one of the source', () => {
  const text = readFileSync(join(import.meta.dirname, '../../../../docs/migrations.md'), 'utf8')
  assert.equal(text, page(), 'node server/src/drivers/libpg-query/table.ts')
  assert.match(text, /`column\.dropped`/)
})
