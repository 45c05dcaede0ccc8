import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../db/db.ts'
import { systemClock } from '../../kernel/clock.ts'
import { Secret } from '../../kernel/secret.ts'
import { createSender } from '../../watch/messages/sender.ts'
import { enqueue, messageStore } from '../../watch/messages/store.ts'
import { type Case, content, contract } from './channels.contract.ts'
import { discord } from './discord.ts'
import { ntfy } from './ntfy.ts'
import { pagerduty } from './pagerduty.ts'
import { retryAfter } from './post.ts'
import * as providers from './provider.fixture.ts'
import { sendgrid } from './sendgrid.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import { twilio } from './twilio.ts'
import { signature, webhook } from './webhook.ts'

const right = new Secret('right')
const draw = async () => Buffer.from('png')
const bot = new Secret('42:right')
const SMS = { account: 'AC1', from: '+1555', to: '+1666' }

const CASES: Case[] = [
  {
    name: 'telegram, a person',
    ways: providers.TELEGRAM,
    channel: at => telegram({ chat: '7', at }, bot, draw),
    over: { most: 1, ms: [1_000, 1_000] },
    reference: '7',
    pictures: true,
  },
  {
    name: 'telegram, a group',
    ways: providers.TELEGRAM,
    channel: at => telegram({ chat: '-100', at }, bot, draw),
    over: { most: 20, ms: [59_000, 60_000] },
    reference: '7',
    pictures: true,
  },
  {
    name: 'slack',
    ways: providers.SLACK,
    channel: at => slack(new Secret(`${at}/services/T/B/right`)),
    over: { most: 1, ms: [1_000, 1_000] },
    reference: null,
  },
  {
    name: 'discord',
    ways: providers.DISCORD,
    channel: at => discord(new Secret(`${at}/api/webhooks/1/right`), draw),
    over: { most: 5, ms: [500, 2_000] },
    reference: '99',
    pictures: true,
  },
  {
    name: 'webhook',
    ways: providers.WEBHOOK,
    channel: at => webhook(at, right),
    over: { most: 10, ms: [3_000, 7_000] },
    reference: null,
  },
  {
    name: 'ntfy',
    ways: providers.NTFY,
    channel: at => ntfy(`${at}/alerts`, right),
    over: { most: 60, ms: null },
    reference: 'hwQ2YpKdmg',
  },
  {
    name: 'pagerduty',
    ways: providers.PAGERDUTY,
    channel: at => pagerduty(at, right),
    over: { most: 120, ms: [55_000, 60_000] },
    reference: 'k1',
  },
  {
    name: 'twilio',
    ways: providers.TWILIO,
    channel: at => twilio({ ...SMS, at }, right),
    over: { most: 1, ms: null },
    reference: 'SM1',
  },
  {
    name: 'sendgrid',
    ways: providers.SENDGRID,
    channel: at => sendgrid({ to: 'ops@example.com', from: 'inn@example.com', at }, right, draw),
    over: { most: 600, ms: [55_000, 61_000] },
    reference: 'sg1',
    pictures: true,
  },
]
for (const one of CASES) contract(one)

test('a webhook is signed with the time, so that a receiver can tell us from others and now from long ago', async t => {
  const them = await providers.provider(t, providers.WEBHOOK)
  await webhook(`${them.at}/in?x=1`, right).send('k9', content(), AbortSignal.timeout(5_000))
  const [told] = them.took
  const [, seconds, signed] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(
    String(told!.headers['innkeeper-signature']),
  )!
  assert.equal(signed, signature(right, Number(seconds), told!.body))
  assert.notEqual(signed, signature(right, Number(seconds) + 1, told!.body))
  assert.ok(Math.abs(Date.now() / 1_000 - Number(seconds)) < 5)
  assert.deepEqual(
    [told!.path, told!.headers['innkeeper-id'], JSON.parse(told!.body).id],
    ['/in?x=1', 'k9', 'k9'],
  )
})

test('PagerDuty has an incident for each of ours, and the same one is resolved', async t => {
  const them = await providers.provider(t, providers.PAGERDUTY)
  const news = (id: string, event: 'begun' | 'over') => ({
    id,
    event,
    level: 'late' as const,
    what: `${id} is wrong`,
  })
  const channel = pagerduty(them.at, right)
  const incidents = [news('a', 'begun'), news('b', 'begun'), news('a', 'over')]
  await channel.send('k', content({ incidents }), AbortSignal.timeout(5_000))
  assert.deepEqual(
    them.took
      .map(({ body }) => JSON.parse(body))
      .map(({ event_action, dedup_key }) => `${event_action} ${dedup_key}`),
    ['trigger a', 'trigger b', 'resolve a'],
  )
})

test('a number that takes no SMS has bounced', async t => {
  const them = await providers.provider(t, providers.TWILIO)
  const outcome = await twilio({ ...SMS, to: '+1000', at: them.at }, right).send(
    'k',
    content(),
    AbortSignal.timeout(5_000),
  )
  assert.deepEqual([outcome.type, 'why' in outcome && /21211/.test(outcome.why)], ['bounced', true])
})

test('nobody is called by what stands in a log, and Slack reads no marks in it', async t => {
  const [theirs, slacks] = [
    await providers.provider(t, providers.DISCORD),
    await providers.provider(t, providers.SLACK),
  ]
  const text = '@everyone <!channel> & more'
  await discord(new Secret(`${theirs.at}/api/webhooks/1/right`), draw).send(
    'k',
    content({ text }),
    AbortSignal.timeout(5_000),
  )
  await slack(new Secret(`${slacks.at}/services/T/B/right`)).send(
    'k',
    content({ text }),
    AbortSignal.timeout(5_000),
  )
  assert.deepEqual(JSON.parse(theirs.took[0]!.body).allowed_mentions, { parse: [] })
  assert.match(JSON.parse(slacks.took[0]!.body).text, /@everyone &lt;!channel&gt; &amp; more/)
})

test('Retry-After has seconds, or a date', () => {
  const now = Date.parse('2026-11-20T10:00:00Z')
  assert.equal(retryAfter({ 'retry-after': '7' }, now), 7_000)
  assert.equal(retryAfter({ 'retry-after': 'Fri, 20 Nov 2026 10:00:09 GMT' }, now), 9_000)
  assert.equal(retryAfter({ 'retry-after': 'soon' }, now), null)
  assert.equal(retryAfter({}, now), null)
})

test('a storm for two chats of one bot: Telegram never has to refuse, and everything arrives', async t => {
  const them = await providers.provider(t, providers.TELEGRAM)
  const store = openStore(':memory:')
  t.after(() => store.close())
  const sender = createSender({
    store: messageStore(store),
    channel: async name => ({
      channel: telegram({ chat: name, at: them.at }, bot, draw),
      suppressed: null,
      instead: null,
    }),
    suppress: async () => assert.fail(),
    clock: systemClock,
    chance: () => 0,
    me: 'one',
    server: 's',
    onDefect: error => assert.fail(String(error)),
  })
  for (let n = 0; n < 30; n++) {
    await enqueue(
      store.sql,
      ['7', '8'].map(channel => ({ channel, content: content({ title: `alert ${n}` }) })),
      Date.now(),
    )
    await sender.wake()
  }
  while (sender.busy()) await systemClock.sleep(20)
  const texts = them.took.map(({ body }) => JSON.parse(body).text as string)
  assert.equal(them.state.over, 0)
  assert.ok(texts.length < 12, `${texts.length} messages`)
  assert.equal(texts.filter(text => text.includes('alert 29')).length, 2)
})
