import { z } from 'zod'
import { Approval } from '../../server/src/engine/wire-change.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

let waiting: Approval[] = [
  {
    ...{ id: '3kf9a2xq', app: 'hostel', digest: '5f2c', askedBy: 'ci', needed: 1, approvedBy: [] },
    ...{ assistant: false, role: 'operator' },
    ...{ askedAt: ago(600), endsAt: ago(-80_000), state: 'waiting', refusedBy: null, run: null },
    plan: {
      title: 'promote r42 of hostel@staging to hostel, as r15',
      approvals: 1,
      steps: [
        { title: 'take in the source as r15', undo: 'forget r15' },
        { title: 'bring the built files of r42 from hostel@staging', undo: null },
        { title: 'restore point hostel-before-r15', undo: null },
        { title: 'release step: npx prisma migrate deploy', undo: null },
        { title: 'start api green.1 and green.2 with r15', undo: 'stop api green.1 and green.2' },
        { title: 'switch api to green', undo: 'switch back' },
      ],
      cleanup: ['keep blue of api warm for 10 min'],
      notices: [
        'r42 of hostel@staging: 9f31c02 Rooms have a capacity, 412 MB',
        'instead of r14: 77ab310 Prices by season',
        'migrations that were applied there, and not here: 20261129_capacity',
      ],
    },
  },
  {
    ...{ id: 'k2m8v4tz', app: 'hostel', digest: '81d0', askedBy: 'assistant of ada', needed: 1 },
    ...{ assistant: true, role: 'operator', approvedBy: [], askedAt: ago(90), endsAt: ago(-86_000) },
    ...{ state: 'waiting', refusedBy: null, run: null },
    plan: {
      title: 'restart hostel with r14',
      steps: [
        { title: 'start api green.1 and green.2 with r14', undo: 'stop api green.1 and green.2' },
        { title: 'switch api to green', undo: 'switch back' },
      ],
      cleanup: ['keep blue of api warm for 10 min'],
      notices: [],
    },
  },
]

const decide =
  (state: 'begun' | 'refused'): Handler =>
  call => {
    const found = waiting.find(({ id }) => id === call.params[0])!
    waiting = waiting.filter(one => one !== found)
    answer(call, Approval, { ...found, state, refusedBy: state === 'refused' ? 'ada' : null })
  }

export const approvalRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/approvals$/, call => answer(call, z.array(Approval), waiting)],
  ['POST', /^\/api\/approvals\/([^/]+)\/approve$/, decide('begun')],
  ['POST', /^\/api\/approvals\/([^/]+)\/refuse$/, decide('refused')],
]
