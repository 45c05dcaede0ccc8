import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { allCodes } from '../../documents/errors-source.ts'
import { KEEPER_ALARMS } from './alarms.ts'
import { page } from './table.ts'

test('docs/alerts.md is the table of the rules', async () => {
  const text = await readFile(join(import.meta.dirname, '../../../../docs/alerts.md'), 'utf8')
  assert.equal(text, page(), 'node server/src/drivers/prometheus/table.ts')
})

test('every alarm of the keeper has its row, and every row its alarm', () => {
  const made = allCodes(join(import.meta.dirname, '../../../..')).filter(one => one.alarm)
  const rows = KEEPER_ALARMS.flatMap(({ alarms }) => alarms.map(({ code }) => code))
  assert.deepEqual(rows.toSorted(), [...new Set(made.map(({ code }) => code))].toSorted())
})
