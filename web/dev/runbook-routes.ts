import { z } from 'zod'
import {
  ActRequest,
  RunbookView,
  type WalkItem,
  WalkRequest,
  WalkSummary,
  WalkView,
} from '../../server/src/watch/runbooks/wire.ts'
import { ago } from './ago.ts'
import { answer, type Call, type Handler, refuse } from './call.ts'

const book = (more: Pick<RunbookView, 'name' | 'title'> & Partial<RunbookView>): RunbookView => ({
  ...{
    app: null,
    for: [],
    ofApp: true,
    safe: false,
    steps: 8,
    problems: [],
    links: [],
    fits: false,
    tried: null,
  },
  ...more,
})

const books = [
  book({
    name: 'vouchers',
    title: 'Vouchers are refused',
    app: 'hostel',
    steps: 5,
    tried: { by: 'otto', at: ago(900_000) },
  }),
  book({
    name: 'gate',
    title: 'The gate does not open',
    app: 'hostel',
    problems: [
      'line 12: a runbook cannot have `inn run`: it may only look, or change what the keeper itself changes and can tell of',
    ],
  }),
  book({
    name: 'error-rate',
    title: 'Requests fail',
    fits: true,
    for: ['AppErrors'],
    tried: { by: 'ada', at: ago(4_000_000) },
  }),
  book({ name: 'bad-deploy', title: 'A deploy made it worse', fits: true, steps: 7 }),
  book({ name: 'database-locked', title: 'The database is locked', steps: 7 }),
  book({ name: 'disk-full', title: 'A disk is full', ofApp: false, steps: 10 }),
]

const item = (more: Pick<WalkItem, 'kind' | 'section' | 'text'> & Partial<WalkItem>): WalkItem => ({
  ...{
    prose: '',
    changes: false,
    values: [],
    state: 'pending',
    by: null,
    at: null,
    ms: null,
    code: null,
    output: null,
  },
  ...more,
})
const by = { by: 'ada', at: ago(90), ms: 412, code: 0 }

const LOCKED: WalkView = {
  ...{
    id: 7,
    runbook: 'database-locked',
    title: 'The database is locked',
    app: 'hostel',
    incident: 12,
    by: 'ada',
  },
  ...{ dry: false, state: 'open', begunAt: ago(95), endedAt: null },
  about:
    'A session holds a lock, and others wait for it. Often it is a transaction that was opened and **forgotten**, or a migration that waits itself.',
  sections: [
    {
      title: 'Look at who waits for whom',
      prose: 'The session at the top of the tree holds up all below it. Its number is its pid.',
    },
    {
      title: 'May the session at the top be ended?',
      prose:
        'What its transaction did is taken back. Whoever holds it gets an error, and most programs then try again.',
    },
    {
      title: 'Does it come again?',
      prose:
        'Then it is in the app: a transaction that waits for something outside of the database. `idle_in_transaction_session_timeout` bounds it.',
    },
  ],
  items: [
    item({
      ...by,
      kind: 'command',
      section: 0,
      state: 'done',
      text: 'inn db locks hostel',
      output:
        'PID    WAITS  STATE                 SINCE   STATEMENT\n4711   -      idle in transaction   4 min   update booking set paid = true where id = 9\n 4802  4711   active                3 min   select * from booking for update\n 4815  4711   active                1 min   update booking set room = 4',
    }),
    item({
      ...by,
      kind: 'command',
      section: 0,
      state: 'done',
      text: 'inn history hostel',
      output: '2026-11-30 21:02  deploy r42 of hostel  ada  done  4.2 s',
    }),
    item({
      kind: 'question',
      section: 1,
      state: 'yes',
      by: 'ada',
      at: ago(40),
      text: 'May the session at the top be ended?',
    }),
    item({
      kind: 'command',
      section: 1,
      text: 'inn db kill <pid> --app hostel',
      changes: true,
      values: ['pid'],
    }),
    item({ kind: 'command', section: 1, text: 'inn db locks hostel' }),
    item({ kind: 'question', section: 2, text: 'Does it come again?' }),
  ],
  next: 3,
  acts: ['do', 'skip'],
}

const walks: WalkView[] = [
  structuredClone(LOCKED),
  {
    ...{
      id: 6,
      runbook: 'error-rate',
      title: 'Requests fail',
      app: 'hostel',
      incident: null,
      by: 'ada',
      dry: true,
    },
    ...{
      state: 'done',
      begunAt: ago(4_000_100),
      endedAt: ago(4_000_000),
      about: '',
      sections: [],
      items: [],
      next: null,
      acts: [],
    },
  },
]

const of = (call: Call): WalkView => walks.find(one => String(one.id) === call.params[0])!

/** As the keeper does: what only looks is done at once. */
function goOn(walk: WalkView): void {
  for (;;) {
    const next = walk.items.findIndex(one => one.state === 'pending')
    walk.next = next === -1 ? null : next
    const one = walk.items[next]
    walk.acts = one === undefined ? [] : one.kind === 'question' ? ['yes', 'no'] : ['do', 'skip']
    if (one === undefined) Object.assign(walk, { state: 'done', endedAt: ago(0) })
    if (one === undefined || one.kind !== 'command' || one.changes) return
    Object.assign(one, { ...by, at: ago(0), state: 'done', output: 'nobody waits for a lock' })
  }
}

function act(call: Call) {
  const walk = of(call)
  const { item: ix, act: what, values } = ActRequest.parse(call.body)
  const one = walk.items[ix]!
  if (Object.values(values).some(value => value.startsWith('-')))
    return refuse(call, 422, [
      'walk.value',
      'the value of <pid> cannot be taken',
      'it begins with -, as an option does',
      'what the steps before it have shown says which one it is',
    ])
  const state = what === 'do' ? 'done' : what === 'skip' ? 'skipped' : what
  Object.assign(one, { ...by, at: ago(0), state, text: one.text.replace('<pid>', values['pid'] ?? '<pid>') })
  if (what === 'no')
    for (const below of walk.items.filter(
      other => other.section === one.section && other.state === 'pending',
    ))
      below.state = 'passed'
  goOn(walk)
  answer(call, WalkView, walk)
}

function begin(call: Call) {
  const { app, incident, dry } = WalkRequest.parse(call.body)
  const found = books.find(({ name }) => name === call.params[0])!
  const walk: WalkView = {
    ...structuredClone(LOCKED),
    ...{ id: walks.length + 6, runbook: found.name, title: found.title, app, incident, dry },
  }
  for (const one of walk.items.slice(2))
    Object.assign(one, { state: 'pending', by: null, at: null, ms: null })
  goOn(walk)
  walks.unshift(walk)
  answer(call, WalkView, walk)
}

export const runbookRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/runbooks$/, call => answer(call, z.array(RunbookView), books)],
  ['POST', /^\/api\/runbooks\/([a-z-]+)\/walks$/, begin],
  [
    'GET',
    /^\/api\/walks$/,
    call =>
      answer(
        call,
        z.array(WalkSummary),
        walks.map(one => WalkSummary.parse(one)),
      ),
  ],
  ['GET', /^\/api\/walks\/(\d+)$/, call => answer(call, WalkView, of(call))],
  ['POST', /^\/api\/walks\/(\d+)\/act$/, act],
  [
    'POST',
    /^\/api\/walks\/(\d+)\/stop$/,
    call =>
      answer(
        call,
        WalkView,
        Object.assign(of(call), { state: 'stopped', next: null, acts: [], endedAt: ago(0) }),
      ),
  ],
]
