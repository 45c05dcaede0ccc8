import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { openStore } from '../../db/db.ts'
import type { Channel, Content, Outcome } from './channel.ts'
import { nextLetter } from './rule.ts'
import { createSender } from './sender.ts'
import { enqueue, messageStore } from './store.ts'

const MINUTE = 60_000
const DAY = 86_400_000
const letter = (to: string, title = 'hello'): Content => ({
  ...{ level: 'soon', title, text: 'with a link that only you have', incidents: [], link: null },
  letter: { to, html: '<a>secret</a>' },
})

/** A ledger with one channel, whose answers to an address the test gives; `all` answers instead of them. */
function ledger(t: TestContext, letters: Channel['letters'] | null = { limits: [] }) {
  const store = openStore(':memory:')
  t.after(() => store.close())
  const state = { now: 1_000_000, answers: {} as Record<string, Outcome[]>, all: null as Outcome | null }
  const told: string[] = []
  const suppressed: string[] = []
  const channel: Channel = {
    ...{ limits: [], digests: true, ...(letters === null ? {} : { letters }) },
    async send(_, { title, letter: to }) {
      told.push(`${to?.to ?? 'ops'}: ${title}`)
      return state.all ?? state.answers[to?.to ?? 'ops']?.shift() ?? { type: 'sent', reference: null }
    },
  }
  const messages = messageStore(store)
  const sender = createSender({
    store: messages,
    channel: async () => ({ channel, suppressed: null, instead: { channel: 'other', afterMs: 1_000 } }),
    suppress: async name => void suppressed.push(name),
    clock: { now: () => state.now, sleep: async () => {} },
    chance: () => 1,
    ...{ me: 'one', server: 's' },
    onDefect: error => {
      throw error
    },
  })
  const write = (...contents: Content[]) =>
    enqueue(
      store.sql,
      contents.map(content => ({ channel: 'mail', content })),
      state.now,
    )
  /** Steps until nothing is left or `ms` have gone by. */
  async function run(ms = 0) {
    const until = state.now + ms
    for (;;) {
      const at = await sender.letterStep('mail')
      if (at === null || at > until) return
      state.now = Math.max(state.now, at)
    }
  }
  const states = async () =>
    (await store.sql.selectFrom('message_dispatch').select(['recipient', 'state']).execute()).map(
      one => `${one.recipient} ${one.state}`,
    )
  return { store, state, told, suppressed, sender, messages, write, run, states }
}

const later = (alone?: true): Outcome => ({
  ...{ type: 'later', why: '451', afterMs: null },
  ...(alone ? { alone } : {}),
})

test('letters never wait for the channel itself, nor the channel for them, and no two go as one', async t => {
  const { write, run, told, sender, state } = ledger(t, { limits: [{ scope: 'l', most: 1, perMs: 10 }] })
  state.answers['ann@example.com'] = [later(true)]
  await write(letter('ann@example.com'), letter('bob@example.com'), letter('cat@example.com'), {
    ...{ level: 'late', title: 'shop is down', text: '', incidents: [], link: null },
  })
  await sender.step('mail')
  await run(100)
  assert.deepEqual(told, [
    'ops: shop is down',
    'ann@example.com: hello',
    'bob@example.com: hello',
    'cat@example.com: hello',
  ])
  await run(1_000)
  assert.equal(told.at(-1), 'ann@example.com: hello')
})

test('a letter that its provider never takes for what it says holds up no other', async t => {
  const { write, run, told, state } = ledger(t)
  const never = Array.from({ length: 20 }, (): Outcome => ({ type: 'refused', why: '554', alone: true }))
  state.answers['ann@example.com'] = never
  await write(letter('ann@example.com'))
  await run(10 * MINUTE)
  assert.ok(told.length > 5)
  await write(letter('bob@example.com'))
  const began = state.now
  await run()
  assert.deepEqual([told.at(-1), state.now - began], ['bob@example.com: hello', 0])
})

test('letters to one address keep their order, also where the first is tried again', async t => {
  const { write, run, told, state } = ledger(t)
  state.answers['ann@example.com'] = [later(true)]
  await write(letter('ann@example.com', 'one'), letter('ann@example.com', 'two'))
  await run(MINUTE)
  assert.deepEqual(
    told.map(one => one.slice(-3)),
    ['one', 'one', 'two'],
  )
})

test('an address that bounced gets nothing more; the channel and others do, and another channel gets no letter', async t => {
  const { write, run, told, state, suppressed, sender, states } = ledger(t)
  state.answers['ann@example.com'] = [{ type: 'bounced', why: '550' }]
  await write(letter('ann@example.com', 'one'), letter('Ann@Example.com', 'two'), letter('bob@example.com'))
  await run(MINUTE)
  state.now += DAY
  await sender.step('mail')
  assert.deepEqual(told, ['ann@example.com: one', 'bob@example.com: hello'])
  assert.deepEqual(suppressed, [])
  assert.deepEqual(await states(), [
    'ann@example.com dropped',
    'Ann@Example.com dropped',
    'bob@example.com sent',
  ])
})

test('a provider that is away is not asked once for each letter, and gets all of them when it is back', async t => {
  const { write, run, told, state } = ledger(t)
  const people = Array.from({ length: 200 }, (_, n) => letter(`p${n}@example.com`))
  await write(...people)
  state.all = later()
  await run(60 * MINUTE)
  assert.ok(told.length < 30, `${told.length} requests in an hour`)
  state.all = null
  told.length = 0
  await run(60 * MINUTE)
  assert.equal(new Set(told).size, 200)
  assert.equal(told.length, 200)
})

test('a channel that knows no letters is given none; after days they are dropped', async t => {
  const { write, run, told, state, messages, states } = ledger(t, null)
  await write(letter('ann@example.com'))
  await run(DAY)
  state.now += DAY
  await messages.giveUp(state.now, state.now)
  assert.deepEqual([told, await states()], [[], ['ann@example.com dropped']])
})

test('what a letter said is forgotten when it was sent', async t => {
  const { write, run, store } = ledger(t)
  await write(letter('ann@example.com'))
  await run()
  const { content } = await store.sql.selectFrom('message').select('content').executeTakeFirstOrThrow()
  assert.ok(!/secret|only you/.test(content), content)
  assert.match(content, /hello.*ann@example\.com/)
})

test('what the letters of a channel do next', () => {
  const open = { id: 7, nextAt: 900, leaseUntil: null }
  const free = { free: 1, at: 0 }
  assert.deepEqual(nextLetter({ open: null, waiting: 0 }, free, 100), { do: 'rest' })
  assert.deepEqual(nextLetter({ open, waiting: 1 }, free, 100), { do: 'send', most: 1 })
  assert.deepEqual(nextLetter({ open, waiting: 0 }, free, 100), { do: 'wait', until: 900 })
  assert.deepEqual(nextLetter({ open, waiting: 0 }, free, 900), { do: 'retry', dispatch: 7 })
  assert.deepEqual(nextLetter({ open, waiting: 1 }, { free: 0, at: 500 }, 100), { do: 'wait', until: 500 })
})
