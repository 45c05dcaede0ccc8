import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Failure } from '../../kernel/failure.ts'
import { besides, find, goWith, inOrder, pairOf, refusal } from './rule.ts'
import type { Shape } from './table.ts'

const shape = (
  label: string,
  parents: string[] = [],
  columns: string[] = ['id'],
  more: Partial<Shape> = {},
): Shape => {
  const [name, schema = 'public'] = label.split('.').reverse() as [string, string?]
  const of = (column: string) => ({
    name: column,
    ident: column,
    type: 'text',
    cast: 'text',
    collation: null,
    generated: false,
  })
  return {
    schema,
    name,
    label,
    ident: `${schema}.${name}`,
    from: `only ${schema}.${name}`,
    columns: columns.map(of),
    key: ['id'],
    primary: true,
    partitioned: false,
    sequences: [],
    parents: parents.map(table => ({
      constraint: `${name}_${table}`,
      table: table.replace(/[?!0]$/, ''),
      deferrable: table.endsWith('?'),
      onDelete: table.endsWith('!') ? ('cascade' as const) : table.endsWith('0') ? ('loosen' as const) : null,
    })),
    estimate: 0,
    ...more,
  }
}

const order = (...shapes: Shape[]) => inOrder(shapes).map(s => s.label)
const failing = (work: () => unknown) => {
  let code = ''
  assert.throws(work, (error: Failure) => {
    code = error.code
    return true
  })
  return code
}

test('parents come before children, else the order in which they were named holds', () => {
  const stay = shape('stay', ['guest', 'room'])
  const guest = shape('guest', ['room'])
  assert.deepEqual(order(stay, guest, shape('room')), ['room', 'guest', 'stay'])
  assert.deepEqual(order(shape('b'), shape('a')), ['b', 'a'])
})

test('a parent that was not chosen, and a table that refers to itself, hold nobody up', () => {
  assert.deepEqual(order(shape('guest', ['room', 'guest'])), ['guest'])
})

test('a circle is broken where its keys are looked at when the transaction ends, and else said', () => {
  assert.deepEqual(order(shape('a', ['b']), shape('b', ['a?'])), ['b', 'a'])
  assert.equal(
    failing(() => order(shape('a', ['b']), shape('b', ['a']))),
    'table.circle',
  )
})

test('a table is found by its name, with its schema where there are several', () => {
  const all = [shape('guest'), shape('billing.guest'), shape('billing.fee'), shape('old.fee')]
  assert.equal(find('guest', all)?.label, 'guest', 'public goes before others')
  assert.equal(find('billing.guest', all)?.label, 'billing.guest')
  assert.equal(
    failing(() => find('fee', all)),
    'table.ambiguous',
  )
  assert.equal(find('gest', all), null)
  const odd = [{ label: 'Old Stuff.My Table', schema: 'Old Stuff', name: 'My Table' }] as Shape[]
  assert.equal(find('"Old Stuff"."My Table"', odd), odd[0], 'as SQL writes it')
})

test('what both sides have is compared, generated columns are not, and a key that is gone tells nothing apart', () => {
  const columns = shape('guest', [], ['id', 'name', 'loud', 'old']).columns.map(c => ({
    ...c,
    generated: c.name === 'loud',
  }))
  const then = shape('guest', [], [], { columns })
  const now = shape('guest', [], ['id', 'name', 'loud', 'email'])
  const { shared, onlyThere, onlyHere, key } = pairOf(then, now)
  assert.deepEqual(
    { shared, onlyThere, onlyHere, key },
    { shared: ['id', 'name'], onlyThere: ['old'], onlyHere: ['email'], key: ['id'] },
  )
  assert.equal(pairOf(then, shape('guest', [], ['number', 'name'], { key: ['number'] })).key, null)
  assert.equal(pairOf(then, null).key, null)
})

test('what cannot be merged is refused, and says how to have the rows all the same', () => {
  const merge = { kind: 'merge' } as const
  const loose = shape('log', [], ['line'], { key: null })
  assert.equal(refusal(merge, [{ name: 'guest', here: shape('guest') }]), null)
  assert.equal(refusal(merge, [{ name: 'guest', here: null }])?.code, 'table.gone')
  const failure = refusal(merge, [{ name: 'log', here: loose }])
  assert.equal(failure?.code, 'table.no-key')
  assert.match(failure.fix, /--table log --copy/)
  assert.equal(refusal({ kind: 'compare' }, [{ name: 'log', here: loose }]), null)
  const two = [shape('a'), shape('b')].map(here => ({ name: here.label, here }))
  assert.equal(refusal({ kind: 'csv' }, two)?.code, 'usage.table')
})

test('tables whose rows go with those of a named one are found, also over another, and none twice', () => {
  const [room, guest, bill] = [shape('room'), shape('guest', ['room!']), shape('bill', ['guest!', 'room!'])]
  const line = shape('line', ['bill!', 'line!'])
  const all = [line, bill, guest, room, shape('tag', ['room']), shape('note', ['line0'])]
  const found = (...named: Shape[]) =>
    goWith(named, all).map(({ shape: { label }, of }) => `${label} of ${of}`)
  assert.deepEqual(found(room), ['bill of room', 'guest of room', 'line of bill'])
  assert.deepEqual(found(room, bill), ['guest of room', 'line of bill'])
  assert.deepEqual(found(line), [])
  assert.deepEqual(besides([room], all), {
    compared: ['bill', 'guest', 'line'],
    notices: [
      'rows go by on delete cascade (bill with room, guest with room and line with bill): these tables are compared too',
      'note may have lost references (on delete set null): name them to compare them',
    ],
  })
  const large = { ...guest, estimate: 2_000_000 }
  assert.deepEqual(besides([room], [room, large]), {
    compared: [],
    notices: [
      'rows go by on delete cascade (guest with room), and these tables are too large to be compared unless they are named',
    ],
  })
  assert.deepEqual(besides([], all), { compared: [], notices: [] })
})
