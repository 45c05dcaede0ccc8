import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asPreview } from './as-preview.ts'
import { previews } from './previews.ts'
import { readConfig } from './read.ts'

const read = (rules: string, more = 'database: { postgres: true }') =>
  readConfig(`name: a\nservices: { api: { start: node a } }\n${more}\nretention:\n${rules}`)

const USUAL = { by: 'created_at', schedule: '15 3 * * *', batch: 1_000 }
const DAY = 86_400_000

test('a rule has a table, says which rows are due and what becomes of them, and has a default for the rest', () => {
  const { config, problems } = read(`
  old: { table: orders, olderThan: 365d, do: archive, keep: 730d }
  revoked: { table: auth.tokens, where: revoked, do: delete, schedule: '*/5 * * * *', batch: 10 }
  former: { table: '"Odd.Name"', olderThan: 1d, by: left_at, do: { anonymise: { email: email, note: null } } }`)
  assert.deepEqual(problems, [])
  assert.deepEqual(config!.retention, {
    old: { table: 'orders', olderThan: 365 * DAY, do: 'archive', keep: 730 * DAY, ...USUAL },
    revoked: {
      table: 'auth.tokens',
      where: 'revoked',
      do: 'delete',
      ...USUAL,
      schedule: '*/5 * * * *',
      batch: 10,
    },
    former: {
      ...{ table: '"Odd.Name"', olderThan: DAY, do: { anonymise: { email: 'email', note: 'null' } } },
      ...{ ...USUAL, by: 'left_at' },
    },
  })
})

test('what says nothing, or cannot be, is a problem at its place', () => {
  const first = (rules: string, more?: string) =>
    read(rules, more)
      .problems.map(one => one.message)
      .join('; ')
  assert.match(first('  x: { table: t, do: delete }'), /add olderThan or where/)
  assert.match(first('  x: { table: t, olderThan: 1d, do: delete, keep: 2d }'), /is for an archive/)
  assert.match(first('  x: { table: t, olderThan: 1d, do: archive, keep: 1h }'), /1d at least/)
  assert.match(first('  x: { table: t, olderThan: 1d, do: { anonymise: {} } }'), /name the columns/)
  assert.match(first('  x: { table: a.b.c, olderThan: 1d, do: delete }'), /schema\.name/)
  assert.match(first('  x: { table: t, olderThan: 1d, do: delete }', ''), /database: \{ postgres: true \}/)
  const none = 'database: { postgres: true }\nbackups: false'
  assert.match(first('  x: { table: t, olderThan: 1d, do: archive }', none), /lies with the backups/)
  assert.doesNotMatch(first('  x: { table: t, olderThan: 1d, do: delete }', none), /lies with the backups/)
})

test('a preview has no rules: its database is thrown away as a whole', () => {
  const { config } = read('  x: { table: t, olderThan: 1d, do: delete }')
  assert.deepEqual(asPreview(config!, previews.parse({}), 'preview-a').retention, {})
})
