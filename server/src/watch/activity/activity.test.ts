import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { apiWith, peopleOf } from '../../api/api.fixture.ts'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import { Failure } from '../../kernel/failure.ts'
import type { OpenPart } from '../../parts/part.ts'
import { locksOf, type Session } from './activity.ts'
import { type Needs, open } from './open.ts'
import { Activity, SessionEnded } from './wire.ts'

const BEGAN = Date.parse('2026-11-30T10:00:00Z')
const session = (pid: number, blockedBy: number[] = [], more: Partial<Session> = {}): Session => ({
  ...{ pid, began: BEGAN, database: 'shop', user: 'shop_app', program: 'api', state: 'active', waits: null },
  ...{ text: `update room set n = ${pid}`, sinceMs: 4_000, transactionMs: 65_000, blockedBy },
  ...more,
})
const shape = (all: readonly Session[]) =>
  locksOf(all)
    .map(({ pid, depth }) => `${'>'.repeat(depth)}${pid}`)
    .join(' ')

test('locks are a tree, from those that wait for nobody, the longest transaction first', () => {
  const all = [
    ...[session(1), session(2, [1]), session(3, [1, 2]), session(4)],
    ...[session(5, [], { transactionMs: 90_000 }), session(6, [5])],
  ]
  assert.equal(shape(all), '5 >6 1 >2 >>3')
  assert.equal(shape([session(1), session(2)]), '')
  // Whom it waits for is not told, such as a transaction that was prepared and left.
  assert.equal(shape([session(2, [99]), session(3, [2])]), '2 >3')
  assert.equal(shape([session(1, [2]), session(2, [1])]), '1 >2', 'a deadlock ends')
})

test('a queue of hundreds for one row is looked through in milliseconds, each session once', () => {
  const queue = Array.from({ length: 400 }, (_, n) =>
    session(
      n + 1,
      Array.from({ length: n }, (_, k) => k + 1),
    ),
  )
  const before = performance.now()
  const locks = locksOf(queue)
  assert.ok(performance.now() - before < 2_000)
  assert.deepEqual(
    [locks.length, locks[0], new Set(locks.map(({ pid }) => pid)).size],
    [400, { pid: 1, depth: 0 }, 400],
  )
})

async function keeper(t: TestContext, found: Awaited<ReturnType<Needs['activity']['sessions']>>) {
  const did: unknown[] = []
  const crowd = peopleOf({
    vera: 'viewer',
    otto: { apps: { shop: 'operator' } },
    bob: { apps: { bar: 'operator' } },
  })
  const part: OpenPart = open({
    async knownApp(name) {
      if (name === 'nobody') throw new Failure('app.unknown', 'x', { why: 'x', fix: 'x' })
    },
    activity: {
      sessions: async () => found,
      async end(app, { pid, began }, how) {
        did.push([app, pid, began, how])
        return pid !== 9
      },
    },
    audit: { write: async ({ actor, action, detail }) => did.push(`${actor} ${action} ${detail}`) },
  })
  const api = await apiWith(t, crowd, app => part.routes!(app))
  const ask = async (as: string, method: 'GET' | 'POST', url: string, payload?: object) => {
    const headers = { cookie: as, host: 'keeper', origin: 'http://keeper' }
    const answer = await api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) })
    return { status: answer.statusCode, body: answer.json() }
  }
  return { ask, did }
}

test('who may change an app sees the statements of its database and ends sessions, which is written down', async t => {
  const { ask, did } = await keeper(t, [session(7)])
  const { body } = await ask('otto', 'GET', '/api/apps/shop/sessions')
  assert.deepEqual([body.sessions[0].pid, body.sessions[0].began], [7, '2026-11-30T10:00:00.000Z'])
  const began = new Date(BEGAN).toISOString()
  const end = (as: string, pid: number, more = {}) =>
    ask(as, 'POST', `/api/apps/shop/sessions/${pid}/end`, { began, ...more })
  assert.equal((await end('otto', 7)).status, 200)
  assert.equal((await end('otto', 7, { statement: true })).status, 200)
  assert.equal((await end('otto', 9)).body.failure.code, 'session.gone')
  assert.deepEqual(did, [
    ['shop', 7, BEGAN, 'terminate'],
    'otto db kill 7',
    ['shop', 7, BEGAN, 'cancel'],
    'otto db kill the statement of 7',
    ['shop', 9, BEGAN, 'terminate'],
  ])
  for (const as of ['vera', 'bob']) {
    assert.equal((await ask(as, 'GET', '/api/apps/shop/sessions')).status, 403, as)
    assert.equal((await end(as, 7)).status, 403, as)
  }
})

test('a database of somebody else, and one that does not answer, are told apart', async t => {
  const code = async (found: 'none' | 'down') =>
    (await (await keeper(t, found)).ask('otto', 'GET', '/api/apps/shop/sessions')).body.failure.code
  assert.deepEqual([await code('none'), await code('down')], ['database.elsewhere', 'database.silent'])
})

const view = (...all: Session[]): Activity => ({
  app: 'shop',
  locks: locksOf(all),
  sessions: all.map(one => ({
    ...one,
    began: new Date(one.began).toISOString(),
    blockedBy: [...one.blockedBy],
  })),
})
const PATH = '/api/apps/shop/sessions'

test('inn db activity, locks and kill', async t => {
  const idle = session(8, [], { state: 'idle', transactionMs: null, text: 'commit' })
  const answers = {
    [`GET ${PATH}`]: says(Activity, view(session(1), session(2, [1], { waits: 'Lock: tuple' }), idle)),
    [`POST ${PATH}/1/end`]: says(SessionEnded, { ended: true }),
  }
  const type = (...words: string[]) => typed(t, ['db', ...words], answers)
  const { out, err } = await type('activity', 'shop')
  assert.match(out, /^1 +active +4\.0 s +1 min 5 s +- +api +update room set n = 1$/m)
  assert.match(out, /^2 +active +4\.0 s +1 min 5 s +1 +api/m)
  assert.match(err, /1 more do nothing: --idle/)
  assert.match((await type('activity', 'shop', '--idle')).out, /^8 +idle +4\.0 s +- /m)
  const { out: tree, err: fix } = await type('locks', 'shop')
  assert.match(
    tree,
    /^1 {2}active, its transaction is open for 1 min 5 s {2}\(shop_app, api\)\n {4}update room set n = 1\n {2}2 {2}waits for 4\.0 s/,
  )
  assert.match(fix, /inn db kill 1 shop/)
  const killed = await type('kill', '1', 'shop')
  assert.deepEqual(killed.calls.at(-1)![1], { began: '2026-11-30T10:00:00.000Z', statement: false })
  assert.match(killed.out, /session 1 is ended, and its transaction taken back/)
  assert.match((await type('kill', '1', 'shop', '--statement')).out, /is cancelled/)
  await assert.rejects(type('kill', '99', 'shop'), failsWith('session.gone'))
  const nobody = { [`GET ${PATH}`]: says(Activity, view(idle)) }
  assert.match((await typed(t, ['db', 'activity', 'shop'], nobody)).out, /nobody asks the database of shop/)
  assert.match((await typed(t, ['db', 'locks', 'shop'], nobody)).out, /nobody waits for a lock/)
})
