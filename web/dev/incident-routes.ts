import {
  FollowUp,
  FollowUpRequest,
  IncidentDetail,
  IncidentList,
  IncidentRequest,
  IncidentReview,
  IncidentView,
  UpdateRequest,
} from '../../server/src/watch/incidents/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler, refuse } from './call.ts'

type Kept = IncidentDetail

const view = (more: Partial<Kept> & Pick<Kept, 'id' | 'title'>): Kept => ({
  ...{ app: 'hostel', severity: 'major', impact: null, lead: null, state: 'open', beganAt: ago(260) },
  ...{
    openedAt: ago(190),
    openedBy: 'keeper',
    acknowledged: null,
    resolved: null,
    requests: 1840,
    errors: 133,
  },
  ...{ timeline: [], followUps: [], updates: [], components: ['Booking', 'Website'] },
  ...more,
})

/** One that goes on, and one that is over, with all that a timeline may have. */
const incidents: Kept[] = [
  view({
    ...{ id: 12, title: 'hostel answers 7.2% of its requests with an error (5xx)' },
    updates: [
      {
        ...{ id: 1, at: ago(150), by: 'ada', as: 'investigating', title: 'Some bookings fail' },
        ...{ say: 'Since 14:05 some bookings fail. We look into it.', components: ['Booking'] },
      },
    ],
    timeline: [
      { at: ago(900), kind: 'change', who: 'ada', what: 'deploy hostel r41', detail: null },
      {
        ...{ at: ago(860), kind: 'change', who: null, what: 'deploy hostel r41: done' },
        detail: 'migrations: 2 applied',
      },
      {
        at: ago(190),
        kind: 'alert',
        who: null,
        what: 'critical: hostel answers 7.2% of its requests with an error (5xx)',
        detail: null,
      },
      {
        at: ago(190),
        kind: 'state',
        who: 'keeper',
        what: 'opened, major: hostel answers 7.2% of its requests with an error (5xx)',
        detail: null,
      },
      {
        at: ago(179),
        kind: 'told',
        who: null,
        what: 'ops was told: hostel answers 7.2% of its requests with an error (5xx)',
        detail: null,
      },
      {
        ...{ at: ago(120), kind: 'command', who: 'otto', what: 'run psql -c select count(*) from booking' },
        detail: ' count \n-------\n  4711\n(1 row)',
      },
      { at: ago(60), kind: 'note', who: 'otto', what: 'only bookings with a voucher fail', detail: null },
    ],
  }),
  view({
    ...{
      id: 11,
      title: 'hostel is down',
      severity: 'critical',
      state: 'resolved',
      lead: 'ada',
      impact: 'nobody could book',
    },
    ...{ beganAt: ago(1_210_000), openedAt: ago(1_209_930), requests: 2210, errors: 640 },
    ...{ acknowledged: { by: 'ada', at: ago(1_209_700) }, resolved: { by: 'ada', at: ago(1_208_500) } },
    followUps: [
      {
        id: 3,
        incident: 11,
        what: 'an alert when the queue of vouchers grows',
        dueAt: ago(-400_000),
        by: 'ada',
        done: null,
      },
      { id: 2, incident: 11, what: 'more disk', dueAt: ago(90_000), by: 'ada', done: null },
    ],
  }),
]

const of = (call: Call): Kept | undefined => incidents.find(one => String(one.id) === call.params[0])

const found =
  (work: (call: Call, one: Kept) => void): Handler =>
  call => {
    const one = of(call)
    if (one !== undefined) return work(call, one)
    refuse(call, 404, [
      'incident.unknown',
      `there is no incident ${call.params[0]}`,
      'it was mistyped',
      '`inn incident` lists them',
    ])
  }

function open(call: Call) {
  const asked = IncidentRequest.parse(call.body)
  const one = view({
    ...asked,
    id: incidents.length + 11,
    openedBy: 'ada',
    beganAt: ago(0),
    openedAt: ago(0),
    requests: 0,
    errors: 0,
  })
  incidents.unshift(one)
  answer(call, IncidentView, one)
}

function act(call: Call, one: Kept) {
  const { note } = call.body as { note?: string | null }
  const stamp = { by: 'ada', at: ago(0) }
  if (call.params[1] === 'update') {
    const said = UpdateRequest.parse(call.body)
    const more = { as: said.as ?? 'investigating', components: said.components ?? [] }
    one.updates.push({ ...said, ...more, id: one.updates.length + 1, at: ago(0), by: 'ada' })
    const what = `said in public, ${more.as}: ${said.say}`
    one.timeline.push({ at: ago(0), kind: 'public', who: 'ada', what, detail: null })
  }
  if (call.params[1] === 'ack')
    Object.assign(one, { state: 'acknowledged', acknowledged: stamp, lead: one.lead ?? 'ada' })
  if (call.params[1] === 'resolve') Object.assign(one, { state: 'resolved', resolved: stamp })
  if (note) one.timeline.push({ at: ago(0), kind: 'note', who: 'ada', what: note, detail: null })
  answer(call, IncidentView, one)
}

function follow(call: Call, one: Kept) {
  const made = {
    ...FollowUpRequest.parse(call.body),
    id: 10 + one.followUps.length,
    incident: one.id,
    by: 'ada',
    done: null,
  }
  one.followUps.push(made)
  answer(call, FollowUp, made)
}

function done(call: Call) {
  const one = incidents.flatMap(({ followUps }) => followUps).find(({ id }) => String(id) === call.params[0])!
  one.done = { by: 'ada', at: ago(0) }
  answer(call, FollowUp, one)
}

const months = (): IncidentList['months'] =>
  [0, 1, 2, 3, 4].map(n => ({
    month: new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() - n))
      .toISOString()
      .slice(0, 7),
    incidents: 2 + (n % 3),
    ...{ detectMs: 40_000 + n * 21_000, acknowledgeMs: n === 3 ? null : 230_000 - n * 20_000 },
    recoverMs: 1_710_000 + (n % 2) * 900_000,
  }))

export const incidentRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/incidents$/,
    call =>
      answer(call, IncidentList, {
        ...{ incidents, months: months() },
        followUps: incidents.flatMap(({ followUps }) => followUps.filter(one => one.done === null)),
      }),
  ],
  ['POST', /^\/api\/incidents$/, open],
  ['GET', /^\/api\/incidents\/(\d+)$/, found((call, one) => answer(call, IncidentDetail, one))],
  [
    'GET',
    /^\/api\/incidents\/(\d+)\/review$/,
    found((call, one) =>
      answer(call, IncidentReview, {
        markdown: `# Incident ${one.id}: ${one.title}\n\n## What happened\n\n_In two sentences._`,
      }),
    ),
  ],
  ['POST', /^\/api\/incidents\/(\d+)\/(ack|note|resolve|set|update)$/, found(act)],
  ['POST', /^\/api\/incidents\/(\d+)\/follow-ups$/, found(follow)],
  ['POST', /^\/api\/follow-ups\/(\d+)\/done$/, done],
]
