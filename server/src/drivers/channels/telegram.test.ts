import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Secret } from '../../kernel/secret.ts'
import { content } from './channels.contract.ts'
import { answerJson, provider, TELEGRAM } from './provider.fixture.ts'
import { telegram } from './telegram.ts'

const bot = new Secret('42:right')
const patience = () => AbortSignal.timeout(5_000)
const begun = [{ id: 'i1', event: 'begun' as const, level: 'late' as const, what: 'x' }]
const chart = { title: 'x', unit: 'number', from: 0, to: 1, threshold: null, lines: [] } as const

interface Sent {
  text?: string
  reply_markup?: { inline_keyboard: Array<Array<{ callback_data: string }>> }
}
const bodyOf = ({ body }: { body: string }) => JSON.parse(body) as Sent

test('what has begun has a button, what is over has none, nor has a channel that everybody reads', async t => {
  const them = await provider(t, { ...TELEGRAM, rules: [] })
  const send = async (chat: string, incidents: typeof begun | []) => {
    await telegram({ chat, at: them.at }, bot, async () => null).send(
      's-1',
      content({ incidents }),
      patience(),
    )
    return bodyOf(them.took.at(-1)!).reply_markup?.inline_keyboard.flat()[0]?.callback_data
  }
  assert.equal(await send('7', begun), 'ack s-1')
  assert.equal(await send('7', []), undefined)
  assert.equal(await send('@shop', begun), undefined)
  assert.equal(telegram({ chat: '@shop', at: them.at }, bot, async () => null).pressed, undefined)
})

test('words that do not fit beside a picture go without it, and a picture that cannot be drawn is left out', async t => {
  const them = await provider(t, { ...TELEGRAM, rules: [] })
  const send = async (text: string, png: Uint8Array | null) => {
    const channel = telegram({ chat: '7', at: them.at }, bot, async () => png)
    assert.equal((await channel.send('k', content({ text, chart }), patience())).type, 'sent')
    return them.took.at(-1)!.path.split('/').at(-1)
  }
  assert.equal(await send('short', Buffer.from('png')), 'sendPhoto')
  assert.equal(await send('x'.repeat(1_500), Buffer.from('png')), 'sendMessage')
  assert.equal(await send('short', null), 'sendMessage')
})

const press = (update_id: number, data: string | undefined, id: number) => ({
  update_id,
  callback_query: {
    id: `q${update_id}`,
    from: { first_name: 'Anna', username: 'anna' },
    message: { chat: { id } },
    ...(data === undefined ? {} : { data }),
  },
})

test('presses of this chat are taken once, those of other chats and other buttons are passed over', async t => {
  const state = { updates: [] as object[] }
  const them = await provider(t, {
    ...TELEGRAM,
    rules: [],
    takes(answer, told) {
      if (!told.path.endsWith('/getUpdates')) return answerJson(answer, 200, { ok: true, result: true })
      answerJson(answer, 200, { ok: true, result: state.updates })
    },
  })
  const { pressed } = telegram({ chat: '-100', at: them.at }, bot, async () => null)
  const ask = () => pressed!(patience())
  state.updates = [
    press(5, 'ack s-1', -100),
    press(6, 'ack s-2', 9),
    press(7, 'other', -100),
    press(8, undefined, -100),
    { update_id: 9 },
  ]
  const [one, ...others] = await ask()
  assert.deepEqual([one!.key, one!.by, others.length], ['s-1', 'Anna (@anna) on Telegram', 0])
  await one!.answer('noted')
  assert.deepEqual(JSON.parse(them.took.at(-1)!.body), { callback_query_id: 'q5', text: 'noted' })
  state.updates = []
  assert.deepEqual(await ask(), [])
  assert.equal(JSON.parse(them.took.at(-1)!.body).offset, 10, 'those before are taken as read')
  them.state.is = 'revoked'
  await assert.rejects(ask(), /401/)
})

test('what Telegram does not take of a letter is about that letter alone', async t => {
  const them = await provider(t, {
    ...TELEGRAM,
    rules: [],
    wrong: () => 'Bad Request: message text is empty',
  })
  const send = (letter?: { to: string }) =>
    telegram({ chat: '7', at: them.at }, bot, async () => null).send(
      's-1',
      content(letter === undefined ? {} : { letter }),
      patience(),
    )
  const [own, one] = [await send(), await send({ to: '9' })]
  assert.deepEqual([own.type, 'alone' in own, one.type, 'alone' in one], ['refused', false, 'refused', true])
})
