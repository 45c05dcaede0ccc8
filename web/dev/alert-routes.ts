import { z } from 'zod'
import { Acked, AckRequest, AlertView } from '../../server/src/watch/alerts/wire.ts'
import { GotSilence, PostedSilence } from '../../server/src/watch/alerts/wire-v2.ts'
import { ChannelView, MessageView } from '../../server/src/watch/messages/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler } from './call.ts'

const told = (seconds: number, ...channels: string[]) =>
  channels.map(channel => ({ channel, at: ago(seconds) }))
const alert = (name: string, more: Partial<AlertView>): AlertView => ({
  ...{
    occurrence: name,
    source: 'prometheus',
    fingerprint: name,
    severity: 'soon',
    state: 'firing',
    what: name,
  },
  ...{ more: null, app: null, labels: { alertname: name }, since: ago(600), overAt: null },
  ...{ muted: null, flapping: false, told: [], acked: null },
  ...more,
})

/** One that nobody has in hand, one that somebody has, one that is silenced, and some that are over. */
const alerts: AlertView[] = [
  alert('AppErrors', {
    ...{ severity: 'late', app: 'hostel', what: 'hostel answers 7.2% of its requests with an error (5xx)' },
    labels: { alertname: 'AppErrors', app: 'hostel', severity: 'critical' },
    more: '`inn logs hostel --level error`; `inn history hostel` shows what changed last; `inn rollback hostel` goes back',
    ...{ since: ago(190), told: told(180, 'ops', 'pager') },
  }),
  alert('backup.overdue', {
    ...{
      source: 'keeper',
      app: 'desk',
      what: 'the last backup of desk ended 2 d 3 h ago',
      since: ago(7_200),
    },
    more: '`inn backup desk` makes one now',
    ...{ told: told(7_190, 'ops'), acked: { by: 'ada', at: ago(5_400) } },
  }),
  alert('HostMemory', {
    ...{ what: 'memory of the host is 87% in use', muted: 'silence', flapping: true, since: ago(86_400) },
  }),
  alert('AppSlow', {
    ...{ app: 'hostel', what: 'one of twenty answers of hostel takes longer than 1.2 s', state: 'over' },
    ...{ since: ago(90_000), overAt: ago(88_200) },
  }),
  alert('RedisMemory', {
    what: 'the Redis of desk uses 91% of its memory',
    state: 'stopped',
    overAt: ago(40_000),
  }),
]

const silences: GotSilence[] = [
  {
    ...{
      id: '7d0d5b0a-4a5e-4f3c-8a56-0d6c1d6f4a11',
      createdBy: 'ada',
      comment: 'more memory comes on Monday',
    },
    ...{ startsAt: ago(3_600), endsAt: ago(-180_000), updatedAt: ago(3_600), status: { state: 'active' } },
    matchers: [{ name: 'alertname', value: 'HostMemory', isRegex: false, isEqual: true }],
  },
]

const channels: ChannelView[] = [
  {
    ...{ name: 'ops', instead: null, suppressed: null, waiting: 0 },
    settings: { kind: 'telegram', chat: '-100200', at: 'https://api.telegram.org' },
  },
  {
    ...{ name: 'pager', instead: { channel: 'ops', afterMs: 300_000 }, suppressed: null, waiting: 1 },
    settings: { kind: 'pagerduty', at: 'https://events.pagerduty.com' },
  },
]

const sent = (at: string) => ({ at, ms: 214, outcome: 'sent' as const, said: '4711' })
const messages: MessageView[] = [
  {
    ...{ id: 3, channel: 'pager', to: null, level: 'late', state: 'waiting', together: 1, passedOn: false },
    title: 'hostel answers 7.2% of its requests with an error (5xx)',
    ...{ at: ago(180), nextAt: ago(-40) },
    attempts: [
      { at: ago(179), ms: 15_000, outcome: 'later', said: 'timed out after 15000 ms' },
      { at: ago(120), ms: 310, outcome: 'later', said: '502 bad gateway' },
    ],
  },
  {
    ...{
      id: 2,
      channel: 'ops',
      to: null,
      level: 'late',
      state: 'sent',
      together: 1,
      passedOn: false,
      nextAt: null,
    },
    title: 'hostel answers 7.2% of its requests with an error (5xx)',
    ...{ at: ago(180), attempts: [sent(ago(179))] },
  },
  {
    ...{
      id: 1,
      channel: 'ops',
      to: null,
      level: 'soon',
      state: 'sent',
      together: 4,
      passedOn: false,
      nextAt: null,
    },
    title: 'the last backup of desk ended 2 d ago',
    ...{ at: ago(7_190), attempts: [sent(ago(7_189))] },
  },
]

function acknowledge(call: Call) {
  const { occurrences } = AckRequest.parse(call.body)
  for (const one of alerts)
    if (occurrences?.includes(one.occurrence) ?? true) one.acked = { by: 'ada', at: ago(0) }
  answer(call, Acked, { acknowledged: occurrences ?? [] })
}

function silence(call: Call) {
  const wish = PostedSilence.parse(call.body)
  const id = `7d0d5b0a-4a5e-4f3c-8a56-00000000000${silences.length}`
  silences.push({ ...wish, id, updatedAt: ago(0), status: { state: 'active' } })
  for (const one of alerts)
    if (wish.matchers.every(({ name, value }) => one.labels[name] === value)) one.muted = 'silence'
  answer(call, z.object({ silenceID: z.string() }), { silenceID: id })
}

function endSilence(call: Call) {
  silences.splice(
    silences.findIndex(one => one.id === call.params[0]),
    1,
  )
  answer(call, z.object({}), {})
}

export const alertRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/alerts$/, call => answer(call, z.array(AlertView), alerts)],
  ['GET', /^\/api\/channels$/, call => answer(call, z.array(ChannelView), channels)],
  ['GET', /^\/api\/messages$/, call => answer(call, z.array(MessageView), messages)],
  ['GET', /^\/api\/v2\/silences$/, call => answer(call, z.array(GotSilence), silences)],
  ['POST', /^\/api\/alerts\/ack$/, acknowledge],
  ['POST', /^\/api\/v2\/silences$/, silence],
  ['DELETE', /^\/api\/v2\/silence\/([^/]+)$/, endSilence],
]
