import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Child, Named, Shape } from './retention.ts'
import { deleting, due, holding, nextRows, remaining } from './rule-sql.ts'

const rule: Named = {
  ...{ name: 'old', table: 'o', by: 'created "at', do: 'archive', schedule: '0 0 * * *', batch: 1 },
}
const child = (label: string, onDelete: Child['onDelete']): Child => ({
  ...{ label, ident: label, onDelete, columns: [{ from: 'o_id', to: 'id' }] },
})
const shape: Shape = {
  ...{ label: 'o', ident: 'public.o', alias: 'o', partitioned: false, cut: false, bytes: 0, rows: 0 },
  key: [
    { name: 'id', ident: 'id', type: 'integer' },
    { name: 'K', ident: '"K"', type: 'text' },
  ],
  columns: [],
  children: [child('a', 'keep'), child('b', 'cascade'), child('c', 'loosen')],
}
const squeezed = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

test('a row is due by its time, by the condition, or by both; a comment at the end of one ends with its line', () => {
  assert.equal(
    due({ ...rule, olderThan: 90_000 }, shape, []),
    `o."created ""at" < now() - interval '90 seconds'`,
  )
  assert.equal(squeezed(due({ ...rule, where: 'x or y -- z' }, shape, [])), '(x or y -- z )')
  assert.equal(due({ ...rule, where: 'x -- z' }, shape, []).endsWith('\n)'), true)
})

test('an archive takes nothing along; what is deleted takes along what the schema says', () => {
  const labels = (action: Parameters<typeof holding>[0]) => holding(action, shape).map(one => one.label)
  assert.deepEqual(labels('archive'), ['a', 'b', 'c'])
  assert.deepEqual(labels('delete'), ['a'])
  assert.deepEqual(labels('anonymise'), [])
})

test('rows are looked for in the order of the key, after the last one, whatever stands in it', () => {
  const bare = { ...shape, children: [] }
  const text = nextRows(
    { rule: { ...rule, where: 'true' }, shape: bare, changes: [] },
    { what: 'keys', after: ['7', "o'k"], most: 5 },
  )
  assert.equal(
    squeezed(text),
    `select o.xmin::text as v, o.id::text as k0, o."K"::text as k1 from only public.o as o where (true ) and true
       and (o.id, o."K") > ('7'::integer, 'o''k'::text) order by o.id, o."K" limit 5`.replaceAll(/\s+/g, ' '),
  )
})

test('only the versions that were seen go; what remains is asked of the keys alone', () => {
  const versions = [{ xmin: '9', key: ['7', 'x'] }]
  const gone = deleting(shape, versions, 'delete')
  assert.match(gone.text, /o\.id = gone\.k0::integer and o\."K" = gone\.k1::text and o\.xmin::text = gone\.v/)
  assert.match(gone.text, /not exists \(select from a held where held\.o_id = o\.id\)/)
  assert.deepEqual(gone.values, [['9'], ['7'], ['x']])
  assert.doesNotMatch(remaining(shape, versions).text, /xmin/)
})
