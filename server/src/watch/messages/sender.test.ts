import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import type { Channel, Content, Limit, Outcome } from './channel.ts'
import { killedOften } from './killed.fixture.ts'
import { createSender, type Ready } from './sender.ts'
import { enqueue, messageStore } from './store.ts'

const MINUTE = 60_000
const SENT: Outcome = { type: 'sent', reference: 'r1' }
const content = (title: string): Content => ({ level: 'soon', title, text: '', incidents: [], link: null })

/** A ledger with channels that the test answers for, and a clock that stands still. */
function ledger(
  t: TestContext,
  more: Record<string, Partial<Ready> & { limits?: Limit[]; digests?: boolean }> = {},
) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = {
    now: 1_000_000,
    answers: {} as Record<string, Outcome[]>,
    suppressed: {} as Record<string, string>,
  }
  const told: string[] = []
  const keys: string[] = []
  const defects: unknown[] = []
  const channelOf = (name: string): Channel => ({
    limits: more[name]?.limits ?? [],
    digests: more[name]?.digests ?? true,
    async send(key, { title, text }) {
      told.push(`${name}: ${title}${text === '' ? '' : `\n${text}`}`)
      keys.push(key)
      return state.answers[name]?.shift() ?? SENT
    },
  })
  const messages = messageStore(store)
  const clock = { now: () => state.now, sleep: async () => {} }
  const make = (me = 'one') =>
    createSender({
      store: messages,
      channel: async name => ({
        channel: channelOf(name),
        suppressed: state.suppressed[name] ?? null,
        instead: more[name]?.instead ?? null,
      }),
      async suppress(name, why) {
        state.suppressed[name] = why
      },
      clock,
      chance: () => 1,
      me,
      server: 's',
      onDefect: error => defects.push(error),
    })
  const write = (channel: string, ...titles: string[]) =>
    enqueue(
      store.sql,
      titles.map(title => ({ channel, content: content(title) })),
      state.now,
    )
  const attempts = () => store.sql.selectFrom('message_attempt').selectAll().execute()
  return { store, state, told, keys, make, write, attempts, messages, defects }
}

test('messages leave in their order, each once, and the ledger keeps how', async t => {
  const { make, write, told, attempts } = ledger(t)
  await write('mail', 'first', 'second')
  const sender = make()
  await sender.step('mail')
  await sender.step('mail')
  assert.equal(await sender.step('mail'), null)
  assert.deepEqual(told, ['mail: first', 'mail: second'])
  assert.deepEqual(
    (await attempts()).map(({ n, at, outcome, said }) => [n, at, outcome, said]),
    [
      [1, 1_000_000, 'sent', 'r1'],
      [1, 1_000_000, 'sent', 'r1'],
    ],
  )
})

test('a 429 is obeyed to the millisecond, with the same key again; what came meanwhile follows it', async t => {
  const { make, write, told, keys, state, attempts } = ledger(t)
  state.answers['telegram'] = [{ type: 'later', why: '429', afterMs: 7_000 }]
  await write('telegram', 'first')
  const sender = make()
  await sender.step('telegram')
  await write('telegram', 'second')
  assert.equal(await sender.step('telegram'), 1_000_000 + 7_250)
  state.now += 7_249
  await sender.step('telegram')
  assert.equal(told.length, 1)
  state.now += 1
  await sender.step('telegram')
  await sender.step('telegram')
  assert.deepEqual(told, ['telegram: first', 'telegram: first', 'telegram: second'])
  assert.deepEqual([keys[0] === keys[1], keys[1] === keys[2]], [true, false])
  assert.deepEqual(
    (await attempts()).map(({ n, outcome }) => [n, outcome]),
    [
      [1, 'later'],
      [2, 'sent'],
      [1, 'sent'],
    ],
  )
})

test('a provider that is away for an hour loses nothing, and is asked ever more rarely', async t => {
  const { make, write, told, state } = ledger(t)
  const back = state.now + 60 * MINUTE
  const sender = make()
  let asked = 0
  for (let minute = 0; minute < 60; minute++) await write('mail', `m${minute}`)
  while (state.now < back) {
    state.answers['mail'] = [{ type: 'later', why: 'ECONNREFUSED', afterMs: null }]
    const at = (await sender.step('mail'))!
    if (told.length > asked) asked = told.length
    state.now = Math.max(at, state.now + 1)
  }
  assert.ok(asked < 25, `${asked} requests in an hour`)
  told.length = 0
  state.answers['mail'] = []
  for (let at: number | null = 0; at !== null; ) {
    at = await sender.step('mail')
    state.now = Math.max(state.now, at ?? 0)
  }
  assert.deepEqual(
    told,
    Array.from({ length: 60 }, (_, n) => `mail: m${n}`),
  )
})

test('when a limit is reached, what waits becomes one message', async t => {
  const { make, write, told, state } = ledger(t, {
    chat: { limits: [{ scope: 'chat', most: 1, perMs: 1_000 }] },
  })
  await write('chat', 'a')
  const sender = make()
  await sender.step('chat')
  await write('chat', 'b', 'c', 'd')
  assert.equal(await sender.step('chat'), state.now + 1_000)
  state.now += 1_000
  await sender.step('chat')
  assert.equal(await sender.step('chat'), null)
  assert.deepEqual(told.slice(1), [
    'chat: 3 messages in one, because more came than this channel takes\n- b\n- c\n- d',
  ])
})

test('a process that begins again knows what the one before sent within the limits', async t => {
  const { make, write, state, told } = ledger(t, {
    chat: { limits: [{ scope: 'chat', most: 1, perMs: 1_000 }] },
  })
  await write('chat', 'a', 'b')
  state.answers['chat'] = []
  await write('other', 'x')
  const one = make()
  await one.step('chat')
  await write('chat', 'c')
  state.now += 100
  assert.equal(await make('two').step('chat'), 1_000_000 + 1_000)
  assert.equal(told.length, 1)
})

test('what is in hand of a process that died is visible, and taken up when its lease is over', async t => {
  const { make, write, state, messages, told, attempts } = ledger(t)
  await write('mail', 'first')
  await messages.claimNew('mail', 1, { by: 'dead', until: state.now + 30_000, now: state.now })
  assert.equal(await make().step('mail'), state.now + 30_000)
  state.now += 30_000
  await make().step('mail')
  assert.deepEqual(told, ['mail: first'])
  assert.deepEqual(
    (await attempts()).map(({ n, outcome }) => [n, outcome]),
    [
      [1, null],
      [2, 'sent'],
    ],
  )
})

test('two processes never take the same in hand', async t => {
  const { write, state, messages } = ledger(t)
  await write('mail', 'first')
  const holder = (by: string) => ({ by, until: state.now + 30_000, now: state.now })
  assert.ok(await messages.claimNew('mail', 1, holder('one')))
  assert.equal(await messages.claimNew('mail', 1, holder('two')), null)
  state.now += 40_000
  const { open } = await messages.queue('mail')
  assert.ok(await messages.claimAgain(open!.id, open!, holder('two')))
  assert.equal(await messages.claimAgain(open!.id, open!, holder('three')), null)
})

test('after minutes undelivered another channel gets it, once, and the first one still tries', async t => {
  const { make, write, told, state } = ledger(t, {
    telegram: { instead: { channel: 'mail', afterMs: 5 * MINUTE } },
    mail: { instead: { channel: 'telegram', afterMs: 5 * MINUTE } },
  })
  const refused: Outcome = { type: 'refused', why: '401 Unauthorized' }
  state.answers['telegram'] = Array.from({ length: 99 }, () => refused)
  await write('telegram', 'help')
  const sender = make()
  for (let minute = 0; minute < 12; minute++) {
    state.now += MINUTE
    await sender.step('telegram')
  }
  await sender.step('mail')
  assert.deepEqual(
    told.filter(line => line.startsWith('mail')),
    ['mail: help'],
  )
  state.answers['telegram'] = []
  state.now += 60 * MINUTE
  await sender.step('telegram')
  assert.equal(told.at(-1), 'telegram: help')
  assert.equal(await sender.step('telegram'), null)
})

test('an address that bounced gets nothing more, and the other channel at once', async t => {
  const { make, write, told, state } = ledger(t, {
    mail: { instead: { channel: 'sms', afterMs: 5 * MINUTE } },
  })
  state.answers['mail'] = [{ type: 'bounced', why: '550 no such user' }]
  await write('mail', 'one')
  const sender = make()
  await sender.step('mail')
  assert.deepEqual(state.suppressed, { mail: '550 no such user' })
  await write('mail', 'two')
  await sender.step('mail')
  await sender.step('sms')
  await sender.step('sms')
  assert.deepEqual(told, ['mail: one', 'sms: one', 'sms: two'])
})

test('a disk that is full while the answer is noted: nothing is sent twice', async t => {
  const { make, write, told, store, defects, messages } = ledger(t)
  await write('mail', 'one')
  const record = messages.record
  let full = 3
  t.mock.method(messages, 'record', (...args: Parameters<typeof record>) => {
    if (full-- > 0) return Promise.reject(new Error('database or disk is full'))
    return record(...args)
  })
  await make().step('mail')
  assert.equal(await make().step('mail'), null)
  assert.deepEqual([told, defects.length], [['mail: one'], 3])
  assert.equal(
    (await store.sql.selectFrom('message_dispatch').select('state').executeTakeFirst())?.state,
    'sent',
  )
})

test('a line wakes for what comes, and ends when nothing is left', async t => {
  const { make, write, told } = ledger(t)
  const sender = make()
  for (let n = 0; n < 20; n++) {
    await write('mail', `m${n}`)
    await sender.wake()
  }
  while (sender.busy()) await new Promise(setImmediate)
  assert.deepEqual(
    told,
    Array.from({ length: 20 }, (_, n) => `mail: m${n}`),
  )
})

test('delivered messages are forgotten after their time, the others never', async t => {
  const { make, write, messages, store, state } = ledger(t)
  await write('mail', 'one')
  await make().step('mail')
  await write('mail', 'two')
  await messages.prune(state.now + 1)
  const left = await store.sql.selectFrom('message').select('content').execute()
  assert.deepEqual(
    left.map(row => JSON.parse(row.content).title),
    ['two'],
  )
  assert.equal((await store.sql.selectFrom('message_attempt').selectAll().execute()).length, 0)
})

test('killed at random places between decide, claim, send and record: none is lost, and none comes twice to who knows keys', async t => {
  // In memory where there is such a place: what is killed is a process, and the machine goes on.
  const folder = await mkdtemp(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'inn-killed-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const result = await killedOften(join(folder, 'keeper.db'), { kills: 8, total: 200 })
  assert.deepEqual(
    [result.code, result.lost, result.doubled.once],
    [0, { once: 0, twice: 0 }, 0],
    JSON.stringify(result),
  )
})
