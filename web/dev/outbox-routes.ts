import { z } from 'zod'
import { OutboxMessage, OutboxView, Preview, TemplateView } from '../../server/src/watch/outbox/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const message = (id: string, more: Partial<OutboxMessage> = {}): OutboxMessage => ({
  ...{ id, app: 'hostel', key: `welcome:${id}`, channel: 'email', by: 'guests', template: 'welcome' },
  ...{ to: 'ada@example.com', state: 'sent', why: null, at: ago(600), sendAt: ago(600), endedAt: ago(598) },
  ...{ attempts: [{ at: ago(599), ms: 240, outcome: 'sent', said: null }], can: [] },
  ...more,
})

const messages: OutboxMessage[] = [
  message('m1', { state: 'sending', endedAt: null, to: 'grace@example.com', at: ago(40), sendAt: ago(40) }),
  message('m2', {
    ...{ template: 'reminder', state: 'waiting', to: 'linus@example.com', attempts: [], endedAt: null },
    ...{ at: ago(3_000), sendAt: ago(-40_000), can: ['cancel'] },
  }),
  message('m3'),
  message('m4', {
    ...{ template: 'payment', state: 'bounced', to: 'gone.somebody.with.a.long.name@mail.example.com' },
    why: '550 5.1.1 no such user here',
  }),
  message('m5', { state: 'suppressed', why: 'the address took nothing before', attempts: [] }),
  message('m6', { channel: 'telegram', by: 'bot', template: 'announcement', to: '@harbour' }),
]

const view: OutboxView = {
  wants: { email: 'guests', telegram: 'bot' },
  grants: [{ app: 'hostel', channel: 'guests', perDay: 1_000, by: 'ada', at: ago(864_000) }],
  waiting: 2,
  days: Array.from({ length: 14 }, (_, n) => ({
    day: ago((13 - n) * 86_400).slice(0, 10),
    sent: [12, 9, 14, 22, 31, 28, 15, 11, 13, 19, 34, 30, 17, 8][n]!,
    failed: n === 4 ? 3 : n === 12 ? 1 : 0,
  })),
  messages,
}

const templates: TemplateView[] = [
  { template: 'payment', channel: 'email', language: null, sample: { amount: '42.00' } },
  { template: 'welcome', channel: 'email', language: null, sample: { guest: { name: 'Ada' } } },
  { template: 'welcome', channel: 'email', language: 'de', sample: { guest: { name: 'Ada' } } },
  { template: 'announcement', channel: 'telegram', language: null, sample: {} },
]

const html = `<!doctype html><html><body style="margin:0;font-family:sans-serif;background:#eef2f5">
<div style="max-width:560px;margin:24px auto;background:#fff;padding:24px;border-radius:8px">
<h1 style="font-size:22px;margin:0 0 12px">Welcome aboard, Ada</h1><p>Your capsule is <b>B12</b> on the lower deck. Check-out is at 11:00 on Friday.</p>
<p><a href="https://harbour.example/stay">Your stay</a></p><hr style="border:0;border-top:1px solid #ddd"><p style="color:#667;font-size:13px">Harbour Capsules, Quay 4</p></div>
<script>document.body.innerHTML = 'a script ran'</script></body></html>`

export const outboxRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/outbox$/,
    call => {
      const limit = Number(call.url.searchParams.get('limit'))
      const own = call.params[0] === 'hostel' ? messages.slice(0, limit) : []
      answer(call, OutboxView, { ...view, wants: own.length > 0 ? view.wants : null, messages: own })
    },
  ],
  ['GET', /^\/api\/apps\/[^/]+\/outbox\/templates$/, call => answer(call, z.array(TemplateView), templates)],
  [
    'POST',
    /^\/api\/apps\/[^/]+\/outbox\/preview$/,
    call => {
      const { channel } = call.body as { channel: string }
      const text =
        'Welcome aboard, Ada\n\nYour capsule is B12 on the lower deck. Check-out is at 11:00 on Friday.\n\nYour stay [https://harbour.example/stay]'
      const mail = { subject: 'Welcome to Harbour, Ada', html }
      answer(call, Preview, { text, ...(channel === 'telegram' ? { subject: null, html: null } : mail) })
    },
  ],
  [
    'POST',
    /^\/api\/outbox\/messages\/([^/]+)\/cancel$/,
    call => {
      const one = messages.find(({ id }) => id === call.params[0])!
      Object.assign(one, { state: 'cancelled', can: [], endedAt: ago(0) })
      answer(call, OutboxMessage, one)
    },
  ],
]
