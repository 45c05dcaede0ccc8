import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { daylightTable, PAGE, withTable } from './table.ts'

test('what docs/jobs.md says of the nights when clocks change is what runs then', async () => {
  const text = await readFile(PAGE, 'utf8')
  assert.equal(text, withTable(text), 'node server/src/drivers/croner/table.ts')
  assert.ok(text.includes(daylightTable()))
})
