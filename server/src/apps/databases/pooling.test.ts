import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readConfig } from '../../config/read.ts'
import { Secret } from '../../kernel/secret.ts'
import { accessOf } from './access.ts'
import { keepsPrepared, poolerIni, poolerUsers, poolSize } from './pooling.ts'

const read = (database: string) =>
  readConfig(`name: shop\nservices: { api: { start: node a.js } }\ndatabase: { ${database} }\n`)
const pooled = (database: string) => read(`postgres: true, ${database}`).config!.database!
const problems = (database: string) => read(database).problems.map(problem => problem.message)

test('true takes the sizes from the budget, and each can be said', () => {
  assert.deepEqual(pooled('pooling: true').pooling, { size: 20, clients: 400 })
  assert.deepEqual(pooled('connections: 30, pooling: { clients: 900 }').pooling, { size: 30, clients: 900 })
  assert.deepEqual(pooled('pooling: { size: 5 }').pooling, { size: 5, clients: 400 })
})

test('a pool is no larger than the budget, has clients enough, and is of a database of ours', () => {
  assert.match(
    problems('postgres: true, pooling: { size: 21 }')[0]!,
    /21 is more than connections, which is 20/,
  )
  assert.match(
    problems('postgres: true, pooling: { clients: 10 }')[0]!,
    /less than the size of the pool, which is 20/,
  )
  assert.match(problems('url: postgres://db/shop, pooling: true')[0]!, /for a database of ours/)
})

test('a process may use the whole pool, and the clients of two colours fit', () => {
  const sizes = [1, 3, 10, 40, 500].map(n => poolSize(pooled('pooling: true'), n))
  assert.deepEqual(sizes, [20, 20, 20, 5, 1])
  assert.deepEqual(
    [1, 3, 10].map(n => poolSize(pooled('connections: 50'), n)),
    [50, 16, 5],
    'without a pooler the budget is divided',
  )
})

const access = accessOf('my-shop', 5433, {
  'innkeeper:postgres-owner': 'o',
  'innkeeper:postgres-app': 'a"b',
})
const files = {
  ...({ access, role: 'app', port: 6400, users: '/h/users.txt' } as const),
  pooling: { size: 8, clients: 100 },
}

test('the file names one database, and keeps named statements where the version can', () => {
  const old = poolerIni({ ...files, version: [1, 18] }).split('\n')
  assert.deepEqual(old.slice(0, 2), ['[databases]', 'my_shop = host=127.0.0.1 port=5433 dbname=my_shop'])
  for (const line of ['pool_mode = transaction', 'default_pool_size = 8', 'max_client_conn = 101'])
    assert.ok(old.includes(line), line)
  assert.deepEqual(
    poolerIni({ ...files, version: [1, 24] })
      .split('\n')
      .filter(line => !old.includes(line)),
    ['max_prepared_statements = 200'],
  )
  assert.deepEqual(
    (
      [
        [1, 20],
        [1, 21],
        [2, 0],
      ] as const
    ).map(version => keepsPrepared(version)),
    [false, true, true],
  )
})

test('the role of the app and the console sign in, and nobody else', () => {
  const admin = new Secret('c')
  assert.equal(poolerUsers(files, admin), '"my_shop_app" "a""b"\n"innkeeper" "c"\n')
  assert.equal(poolerUsers({ ...files, role: 'owner' }, admin), '"my_shop_owner" "o"\n"innkeeper" "c"\n')
})
