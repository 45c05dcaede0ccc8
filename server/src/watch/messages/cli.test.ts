import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { z } from 'zod'
import { typed } from '../../bin/program.fixture.ts'
import { failsWith, says } from '../../cli/stand-in.fixture.ts'
import { given } from './given.ts'
import { ChannelAdded, ChannelRemoved, ChannelView, MessageView } from './wire.ts'

const AT = '2026-11-20T10:00:00.000Z'
const channel: ChannelView = {
  name: 'ops',
  settings: { kind: 'telegram', chat: '7', at: 'https://api.telegram.org' },
  instead: { channel: 'mail', afterMs: 300_000 },
  suppressed: null,
  waiting: 2,
}
const message: MessageView = {
  ...{
    id: 1,
    channel: 'ops',
    to: null,
    level: 'late',
    title: 'shop is down',
    at: AT,
    state: 'waiting',
    together: 3,
  },
  ...{ nextAt: AT, passedOn: true },
  attempts: [{ at: AT, ms: 40, outcome: 'later', said: '429 Too Many Requests' }],
}

test('inn notify shows channels, and messages with their tries', async t => {
  const answers = {
    'GET /api/channels': says(z.array(ChannelView), [channel]),
    'GET /api/messages': says(z.array(MessageView), [message]),
  }
  const { out } = await typed(t, ['notify'], answers)
  assert.match(out, /ops +telegram +7 +mail +2 wait/)
  assert.match(out, /waiting {2}ops: shop is down \(with 2 more in one\)/)
  assert.match(out, /429 Too Many Requests/)
  const { json } = await typed(t, ['notify', 'list', '--json'], answers)
  assert.deepEqual(json(), { channels: [channel], messages: [message] })
})

test('inn notify add sends the secret of a file, and shows what the domain lacks', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'inn-notify-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'secrets'), 'TELEGRAM_TOKEN=42:abc\n')
  const answers = { 'POST /api/channels': says(ChannelAdded, { channel, findings: ['no `v=spf1`'] }) }
  const args = [
    'notify',
    'add',
    'ops',
    '--telegram',
    '7',
    '--instead',
    'mail',
    '--env-file',
    join(folder, 'secrets'),
  ]
  const { out, calls } = await typed(t, args, answers)
  assert.deepEqual(calls[0]![1], {
    name: 'ops',
    settings: channel.settings,
    secret: '42:abc',
    instead: { channel: 'mail', afterMs: 300_000 },
  })
  assert.match(out, /note: no v=spf1/)
})

test('inn notify test ends with 1 when it was not delivered, and says why', async t => {
  const { out, code } = await typed(t, ['notify', 'test', 'ops'], {
    'POST /api/channels/ops/test': says(MessageView, message),
  })
  assert.equal(code, 1)
  assert.match(out, /429/)
})

test('inn notify test says what it waits for when no answer comes at once', async t => {
  const answer = says(MessageView, message)
  const { err } = await typed(t, ['notify', 'test', 'ops'], {
    'POST /api/channels/ops/test': (...asked) => void setTimeout(() => answer(...asked), 2_100),
  })
  assert.match(err, /ops has not answered yet; it has 15 s to/)
})

test('inn notify remove says what will not be sent', async t => {
  const { out } = await typed(t, ['notify', 'remove', 'ops'], {
    'DELETE /api/channels/ops': says(ChannelRemoved, { removed: true, dropped: 2, routes: 1 }),
  })
  assert.match(out, /2 messages that it had not taken/)
})

const SMTP = { smtp: 'localhost:25' }
test('which channel options mean, and what they lack', () => {
  assert.deepEqual(given({ ...SMTP, email: 'a@b.com', from: 'c@d.com', smtp: 'mx.d.com' }, {}).settings, {
    ...{ kind: 'email', to: 'a@b.com', from: 'c@d.com', host: 'mx.d.com', port: 587, user: null },
  })
  assert.throws(() => given(SMTP, {}), failsWith('usage.channel'))
  assert.throws(() => given({ ...SMTP, slack: true, discord: true }, {}), failsWith('usage.channel'))
  assert.throws(() => given({ ...SMTP, slack: true }, {}), failsWith('usage.channel-secret'))
  assert.throws(
    () => given({ ...SMTP, email: 'a@b.com', user: 'u', from: 'x' }, {}),
    failsWith('usage.channel-secret'),
  )
  assert.throws(
    () => given({ ...SMTP, sms: '+1', from: '+2' }, { TWILIO_TOKEN: 't' }),
    failsWith('usage.channel-option'),
  )
})
