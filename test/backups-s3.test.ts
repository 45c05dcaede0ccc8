import assert from 'node:assert/strict'
import { copyFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Fixture, makeApp, serverJs, yaml } from './kit/app.ts'
import { archived, backups, firstPoint, moment, sql } from './kit/data.ts'
import { failureOf, good } from './kit/proof.ts'
import { makeS3, type S3 } from './kit/s3.ts'
import { makeServer, type Server } from './kit/server.ts'
import { visit } from './kit/visitors.ts'

const NAME = 't-far'
let server: Server
let s3: S3
let app: Fixture

const config = (prefix: string): string => `database: { postgres: true }
migrations: { tool: sql, folder: db }
backups:
  where:
    offsite:
      s3:
        endpoint: ${s3.endpoint}
        region: eu-test-1
        bucket: ${s3.bucket}
        prefix: ${prefix}
        keyId: { from: KEY_ID }
        secret: { from: KEY_SECRET }
        ca: ${join(server.home, 'ca.pem')}
`

before(async () => {
  s3 = await makeS3()
  server = await makeServer({ backups: true })
  await copyFile(s3.ca, join(server.home, 'ca.pem'))
  app = await makeApp(server, NAME, {
    'innkeeper.yaml': yaml(NAME, config('first')),
    'server.js': serverJs('v1'),
    'db/001.sql': `create table guest (id serial primary key, name text);
      insert into guest (name) select 'guest ' || n from generate_series(1, 200) n;`,
  })
  const { keyId, secret } = s3.place('first')
  good(await app.deploy(['--env', `KEY_ID=${keyId}`, '--env', `KEY_SECRET=${secret.reveal()}`]))
})

after(async () => {
  await server?.remove()
  await s3?.stop()
})

const guests = async () => Number((await sql(server, 't_far', 'select count(*) from guest'))[0])

test('a bucket is all that it takes: the point comes by itself, every byte is there, a moment comes back', async () => {
  const seen = await firstPoint(server)
  assert.equal(seen.points[0]?.state, 'good', JSON.stringify(seen, null, 1))
  assert.deepEqual(
    seen.places.map(p => [p.name, p.kind, p.problem]),
    [['offsite', 's3', null]],
  )
  assert.ok(s3.objects().some(({ key }) => key.startsWith('first/pgbackrest/')))
  assert.ok(!seen.alarms.some(alarm => alarm.code === 'backup.same-disk'))
  good(await server.inn(['backup', 'verify']))
  const to = await moment(server)
  await sql(server, 't_far', 'truncate guest')
  good(await server.inn(['restore', NAME, '--to', to]))
  assert.equal(await guests(), 200)
})

test('a bucket that refuses: a backup fails and says so, visitors notice nothing, and it goes on afterwards', async t => {
  const { url } = await server.app(NAME)
  const visitors = visit(`${url}/`)
  t.after(() => visitors.leave())
  s3.fault = { kind: 'refused' }
  failureOf(await server.inn(['backup', 'now']), 'backup.place')
  await sql(server, 't_far', `insert into guest (name) values ('meanwhile'); select pg_switch_wal()`)
  const late = await backups(server, s => s.alarms.some(a => a.code === 'backup.archive-lag'))
  assert.ok(
    late.alarms.some(a => a.code === 'backup.archive-lag'),
    JSON.stringify(late.alarms),
  )
  assert.equal(late.points[0]!.state, 'failed')
  s3.fault = null
  await visitors.leave()
  assert.deepEqual(visitors.seen.failures, [])
  await archived(server)
  good(await server.inn(['backup', 'now', '--wait']))
  good(await server.inn(['backup', 'verify']))
})

test('answers that end in their middle: no backup is taken for good', async () => {
  s3.fault = { kind: 'cut' }
  const failed = await server.inn(['backup', 'now'])
  s3.fault = null
  assert.match(failureOf(failed, failed.json.failure!.code).code, /^backup\./)
  good(await server.inn(['backup', 'now', '--wait']))
})

test('a corrupt byte on the way is never restored: what was there goes on', async () => {
  const to = await moment(server)
  await archived(server)
  const before = await guests()
  s3.fault = { kind: 'corrupt', key: /pgbackrest\/backup\/.*\/pg_data\// }
  const ended = await server.inn(['restore', NAME, '--to', to])
  s3.fault = null
  failureOf(ended, 'backup.damaged')
  assert.equal(ended.json.outcome, 'undone')
  assert.equal((await server.app(NAME, a => a.state === 'serving')).state, 'serving')
  assert.equal(await guests(), before)
})

test('an object that is lost: verify names what cannot be trusted', async () => {
  s3.fault = { kind: 'lost', key: /pgbackrest\/backup\/.*\/pg_data\/base\/\d+\/1255/ }
  const failed = await server.inn(['backup', 'verify'])
  s3.fault = null
  failureOf(failed, 'backup.damaged')
})

test('keys that the store refuses: the place is not taken, and the answer says what to look at', async () => {
  await app.write({ 'innkeeper.yaml': yaml(NAME, config('second')) })
  good(await app.deploy(['--env', 'KEY_SECRET=wrong']))
  const seen = await backups(server, s => s.points[0]?.state === 'failed' || s.places[0]?.problem !== null)
  assert.notEqual(seen.places[0]!.problem, null)
  failureOf(await server.inn(['backup', 'now']), 'backup.bucket')
})
