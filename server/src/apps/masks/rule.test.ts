import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'yaml'
import { columnKey, columnNamed } from '../../config/masks.ts'
import { block, judge } from './rule.ts'
import { masked, unfit } from './rule-kinds.ts'
import { personalByName, personalByValues, wordsOf } from './rule-personal.ts'
import type { Column, Table } from './table.ts'

const column = (name: string, more: Partial<Column> = {}): Column => ({
  ...{ name, ident: `"${name}"`, category: 'text', caseless: false, length: null, notNull: false },
  ...{ generated: false, distinct: false, partitions: false },
  ...more,
})
const table = (key: string, columns: Column[], more: Partial<Table> = {}): Table => ({
  ...{ key, name: key, ident: `public.${key}`, holds: true, parents: [], columns, references: [] },
  ...{ cut: false, readable: true },
  ...more,
})
const none = new Map()
const HEX = (text: string) =>
  `encode(sha256(convert_to(concat(current_setting('innkeeper.salt'), ${text}), 'UTF8')), 'hex')`

test('what each kind puts in the place of a value; null stays null', () => {
  const mail = column('mail', { length: 30 })
  const when = (text: string) => `case when "mail" is not null then ${text} end`
  assert.equal(masked('keep', mail), '"mail"')
  assert.equal(masked('null', mail), 'null')
  assert.equal(masked('empty', mail), when(`''`))
  assert.equal(masked('empty', { ...mail, category: 'json' }), when(`'{}'`))
  assert.equal(masked('email', mail), when(`'user-' || left(${HEX('"mail"::text')}, 13) || '@example.com'`))
  assert.equal(masked('hash', { ...mail, caseless: true }), when(`left(${HEX('lower("mail"::text)')}, 30)`))
  assert.equal(masked('date', mail), when(`date_trunc('year', "mail"::timestamp)::text`))
  assert.match(masked('name', { ...mail, distinct: true }), /\|\| '-' \|\| substr\(.*, 5, 12\) end$/)
  assert.match(masked('name', { ...mail, length: 4 }), /then left\(.*, 4\) end$/)
})

test('a kind that would make equal what must differ, or does not fit the type, is not taken', () => {
  const fits = (kind: Parameters<typeof unfit>[0], more: Partial<Column>) =>
    unfit(kind, column('x', more)) === null
  const cases: Array<[Parameters<typeof unfit>[0], Partial<Column>, boolean]> = [
    ['keep', { partitions: true, notNull: true, distinct: true, category: 'other' }, true],
    ['null', {}, true],
    ['null', { notNull: true }, false],
    ['hash', { partitions: true }, false],
    ['hash', { distinct: true }, true],
    ['hash', { length: 7 }, false],
    ['hash', { category: 'number' }, false],
    ['text', { distinct: true }, false],
    ['empty', { distinct: true }, false],
    ['empty', { category: 'other' }, false],
    ['email', { length: 24 }, false],
    ['phone', { length: 12 }, true],
    ['phone', { length: 12, distinct: true }, false],
    ['name', { length: 12, distinct: true }, false],
    ['number', { category: 'number' }, true],
    ['date', { category: 'text' }, false],
  ]
  for (const [kind, more, wanted] of cases)
    assert.equal(fits(kind, more), wanted, `${kind} ${JSON.stringify(more)}`)
})

test('names of columns are read by their words, whatever their form and language', () => {
  assert.deepEqual(wordsOf('billingEMail_2'), ['billing', 'e', 'mail'])
  assert.deepEqual(wordsOf('Straße'), ['strasse'])
  assert.deepEqual(wordsOf('Prénom'), ['prenom'])
  const looks = (name: string, category: Column['category'] = 'text', of = 'things') =>
    personalByName({ table: { name: of, columns: [] }, column: { name, category } })?.kind ?? null
  for (const [name, kind] of [
    ...[
      ['email', 'email'],
      ['contactEmail', 'email'],
      ['correo', 'email'],
      ['mobile_phone', 'phone'],
    ],
    ...[
      ['firstname', 'name'],
      ['lastName', 'name'],
      ['apellidos', 'name'],
      ['nachname', 'name'],
      ['user_name', 'name'],
    ],
    ...[
      ['billing_address_line_1', 'text'],
      ['plz', 'text'],
      ['postal_code', 'text'],
      ['codigoPostal', 'text'],
    ],
    ...[
      ['national_id', 'hash'],
      ['tax_id', 'hash'],
      ['iban', 'hash'],
      ['card_number', 'hash'],
      ['ip_address', 'hash'],
    ],
    ...[
      ['password_hash', 'hash'],
      ['reset_token', 'hash'],
      ['apiKey', 'hash'],
      ['gender', 'text'],
      ['diagnosis', 'text'],
    ],
  ] as const)
    assert.equal(looks(name), kind, name)
  for (const name of [
    ...[
      'title',
      'name',
      'slug',
      'description',
      'state',
      'email_verified',
      'email_template',
      'address_type',
      'token_type',
    ],
    ...[
      'card_brand',
      'ship',
      'zipper',
      'telling',
      'ipsum',
      'company',
      'panel',
      'mailbox_count',
      'hash',
      'biceps',
      'note',
    ],
    ...[
      'phone_verified_at',
      'latency',
      'birthrate',
      'addressee_kind',
      'password_policy',
      'sexton',
      'address_id',
    ],
  ])
    assert.equal(looks(name), null, name)
  assert.equal(looks('name', 'text', 'customers'), 'name')
  assert.equal(looks('name', 'text', 'Gäste'), 'name')
  assert.equal(
    personalByName({ table: { name: 'logins', columns: [column('E-Mail')] }, column: column('name') })?.kind,
    'name',
  )
  assert.deepEqual(
    [looks('born', 'date'), looks('created', 'date'), looks('token', 'date')],
    ['date', null, null],
  )
  assert.deepEqual(
    [looks('phone', 'number'), looks('lat', 'number'), looks('email', 'number')],
    ['phone', 'number', null],
  )
})

test('values are known by their form and their check digits', () => {
  const looks = (text: string) => personalByValues(['x', text])?.kind ?? null
  for (const [text, kind] of [
    ...[
      ['mail to anna.b+x@shop.example!', 'email'],
      ['{"a":"anna@shop.example"}', 'email'],
      ['+49 (30) 123-4567', 'phone'],
    ],
    ...[
      ['DE89 3704 0044 0532 0130 00', 'hash'],
      ['GB82WEST12345698765432', 'hash'],
      ['4111-1111-1111-1111', 'hash'],
    ],
    ...[
      ['378282246310005', 'hash'],
      [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm5hIn0.${'x'.repeat(43)}`, 'hash'],
    ],
  ] as const)
    assert.equal(looks(text), kind, text)
  for (const text of [
    ...[
      'DE89 3704 0044 0532 0130 01',
      '4111-1111-1111-1112',
      '1757659200000',
      '2026-11-30T14:00:00+01:00',
      'v1.2.3@next',
    ],
    ...[
      '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
      '@shop',
      'a+1234567b',
      '12345678901234567890',
      'user@localhost',
    ],
  ])
    assert.equal(looks(text), null, text)
  assert.doesNotMatch(personalByValues(['anna@shop.example'])!.why, /anna/)
})

test('a foreign key follows what it refers to, and a partition its parent', () => {
  const tables = [
    table('users', [column('email', { distinct: true }), column('score', { category: 'number' })]),
    table('letters', [column('reader', { distinct: true })], {
      references: [{ table: 'users', columns: [{ from: 'reader', to: 'email' }] }],
    }),
    table('visits', [column('ip')], { holds: false }),
    table('visits_1', [column('ip'), column('sum', { generated: true })], { parents: ['visits'] }),
  ]
  const { problems, missing, copies } = judge(tables, { 'users.email': 'hash', 'visits.ip': 'hash' }, none)
  assert.deepEqual([problems, missing], [[], []])
  assert.deepEqual(
    copies.map(({ key, into }) => [key, into]),
    [
      ['users', 'public.users ("email", "score")'],
      ['letters', 'public.letters ("reader")'],
      ['visits_1', 'public.visits_1 ("ip")'],
    ],
  )
  for (const { select, key } of copies) assert.match(select, /sha256/, key)
  assert.match(
    judge(tables, { 'letters.reader': 'hash' }, none).problems.join(),
    /it is hash, and users.email, which it refers to, is keep/,
  )
  assert.deepEqual(judge(tables, { 'users.email': 'hash', 'letters.reader': 'null' }, none).problems, [])
})

test('the words of a search belong to the texts beside it; what is told has its kind, once, where it is defined', () => {
  const tables = [
    table('notes', [column('phone', { length: 5, notNull: true }), column('words', { category: 'words' })]),
    table('notes_1', [column('phone')], { parents: ['notes'] }),
  ]
  const { missing } = judge(tables, {}, none)
  assert.equal(block(missing), 'mask:\n  notes.phone: empty')
  assert.deepEqual(
    judge(tables, { 'notes.phone': 'text' }, none).missing.map(({ key }) => key),
    ['notes.words'],
  )
  assert.deepEqual(judge(tables, { 'notes.phone': 'keep' }, none).missing, [])
})

test('a rule names any table and column', () => {
  for (const [schema, name, at] of [
    ['public', 'users', 'email'],
    ['billing', 'a.b', 'c"d'],
    ['x y', 'Ü', '1'],
  ] as const)
    assert.deepEqual(columnNamed(columnKey(schema, name, at)), { schema, table: name, column: at })
})

test('names that an app chose command no terminal and make no command to copy, and YAML reads them back', () => {
  const name = 'e`rm`\u001b[2J\u009b\u202e\n"mail"'
  const { missing } = judge([table('a.b', [column('email')], { key: columnKey('public', name) })], {}, none)
  const text = block(missing)
  assert.doesNotMatch(text.replaceAll('\n', ''), /[`\p{Cc}\p{Cf}]/u)
  const [[key]] = Object.entries((parse(text) as { mask: Record<string, string> }).mask) as [[string, string]]
  assert.deepEqual(columnNamed(key), { schema: 'public', table: name, column: 'email' })
})
