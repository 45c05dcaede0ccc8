import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { appKey, parseApp } from '../../config/app-key.ts'
import { readConfig } from '../../config/read.ts'
import {
  besideNames,
  copyName,
  databaseNames,
  keptName,
  type Named,
  ownerOf,
  parseKept,
  parseName,
  parseRecoveryAside,
  pointBefore,
  poolerName,
  postgresName,
  programName,
  receiverName,
  recoveryAside,
  redisName,
  slotName,
  userName,
} from './names.ts'

/** Few letters, and the words that names are built from, so that names that could be confused are drawn often. */
const words = [
  'redis',
  'pgbouncer',
  'build',
  'run',
  'blue',
  'green',
  'owner',
  'app',
  'restored',
  'before',
  'keeper',
  'copy',
]
const name = fc
  .oneof(
    fc.constantFrom(...words),
    fc
      .array(fc.constantFrom('a', 'b', '1', '-', ...words), { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('')),
  )
  .filter(text => /^[a-z][a-z0-9-]{0,29}$/.test(text))
const isApp = (text: string) =>
  readConfig(`name: ${text}\nservices: { web: { start: node web.js } }`).config !== null
const app = fc
  .tuple(name.filter(isApp), fc.option(name, { nil: 'production' }))
  .map(([name, environment]) => appKey({ name, environment }))

const named: fc.Arbitrary<Named> = fc.oneof(
  fc
    .tuple(app, name, fc.constantFrom('blue' as const, 'green' as const), fc.integer({ min: 1, max: 64 }))
    .map(([app, service, colour, n]) => ({ kind: 'instance' as const, app, service, colour, n })),
  app.map(app => ({ kind: 'redis' as const, app })),
  app.map(app => ({ kind: 'pooler' as const, app })),
  fc
    .tuple(app, fc.constantFrom('build' as const, 'release' as const, 'run' as const, 'tidy' as const))
    .map(([app, program]) => ({ kind: 'program' as const, app, program })),
  app.map(app => ({ kind: 'postgres' as const, app })),
  app.map(app => ({ kind: 'receiver' as const, app })),
  fc.tuple(app, name).map(([app, copy]) => ({ kind: 'copy' as const, app, copy })),
  fc.constantFrom('keeper', 'edge').map(name => ({ kind: 'part' as const, name })),
)

function make(one: Named): string {
  if (one.kind === 'instance') return slotName(one)
  if (one.kind === 'redis') return redisName(one.app)
  if (one.kind === 'pooler') return poolerName(one.app)
  if (one.kind === 'program') return programName(one.app, one.program)
  if (one.kind === 'postgres') return postgresName(one.app)
  if (one.kind === 'receiver') return receiverName(one.app)
  return one.kind === 'copy' ? copyName(one.app, one.copy) : one.name
}

test('whatever gets a name among services, ports and control groups is read back from it', () => {
  fc.assert(fc.property(named, one => assert.deepEqual(parseName(make(one)), one)))
})

test('two different things never have one name', () => {
  fc.assert(
    fc.property(named, named, (a, b) => {
      if (make(a) === make(b)) assert.deepEqual(a, b)
    }),
    { numRuns: 2000 },
  )
})

test('everything of an app says whose it is, and nothing of another app or of the server does', () => {
  fc.assert(fc.property(named, one => assert.equal(ownerOf(make(one)), 'app' in one ? one.app : null)))
  assert.equal(ownerOf('shop-two.redis'), 'shop-two')
})

test('what a point keeps is read back from its name', () => {
  const kind = fc.constantFrom('files' as const, 'redis' as const, 'dump' as const, 'releases' as const)
  fc.assert(
    fc.property(app, kind, (app, kind) => assert.deepEqual(parseKept(keptName(app, kind)), { app, kind })),
  )
  assert.equal(parseKept('keeper/state'), null)
  assert.equal(parseKept('cluster'), null)
})

test('no two apps share a database or a role, and none has a role of another one', () => {
  fc.assert(
    fc.property(app, app, (a, b) => {
      // Environments of one app have clusters of their own, so that a copy of the one fits into the other.
      fc.pre(parseApp(a).name !== parseApp(b).name)
      const [one, two] = [databaseNames(a), databaseNames(b)]
      assert.notEqual(one.database, two.database)
      const roles = [one.owner, one.app, two.owner, two.app]
      assert.equal(new Set(roles).size, 4, roles.join(' '))
    }),
  )
})

test('the names that stand on disks and in databases are the ones that were always there', () => {
  assert.equal(slotName({ app: 'shop', service: 'api', colour: 'blue', n: 1 }), 'shop.api.blue.1')
  assert.equal(userName('/var/lib/innkeeper', 'shop'), 'inn-shop-q5c4n1ukm43baxd396')
  assert.deepEqual(databaseNames('my-shop'), {
    database: 'my_shop',
    owner: 'my_shop_owner',
    app: 'my_shop_app',
  })
  assert.equal(besideNames('my-shop', Date.UTC(2026, 10, 21, 3)).aside, 'my_shop_before_20261121_030000')
})

test('a key says of which app and of which environment it is', () => {
  fc.assert(fc.property(app, key => assert.equal(appKey(parseApp(key)), key)))
  assert.deepEqual(parseApp('shop'), { name: 'shop', environment: 'production' })
  assert.deepEqual(parseApp('shop@staging'), { name: 'shop', environment: 'staging' })
  assert.equal(appKey(parseApp('shop@production')), 'shop')
})

test('what a recovery puts aside has its second in its name, and no other folder of a cluster is taken for it', () => {
  const at = Date.parse('2026-11-20T02:03:04Z')
  assert.equal(recoveryAside(at + 999), 'data.before-20261120T020304')
  assert.equal(parseRecoveryAside('data.before-20261120T020304'), at)
  for (const other of ['data', 'shop_before_20261120_020304', 'data.before-', 'data.before-20269920T020304'])
    assert.equal(parseRecoveryAside(other), null, other)
})

test('the point before a deploy fits into PostgreSQL, and is of one app, however long its key is', () => {
  const now = Date.UTC(2026, 10, 30, 11, 46)
  assert.equal(pointBefore({ app: 'shop@staging', number: 3, now }), 'shop@staging-before-r3-20261130T1146')
  const point = (app: string) => pointBefore({ app, number: 12_345, now })
  fc.assert(
    fc.property(app, app, (a, b) => {
      assert.ok(point(a).length <= 63, point(a))
      assert.equal(point(a) === point(b), a === b)
    }),
  )
  const longest = appKey({ name: 'a'.repeat(30), environment: 'b'.repeat(20) })
  assert.equal(point(longest).length, 63)
})
