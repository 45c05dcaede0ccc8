import { Activity, SessionEnded } from '../../server/src/watch/activity/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const session = (pid: number, text: string, blockedBy: number[]) => ({
  ...{
    pid,
    began: ago(4_000),
    database: 'hostel',
    user: 'hostel_app',
    program: 'hostel api',
    waits: null,
    text,
    blockedBy,
  },
  ...{
    state: blockedBy.length === 0 ? 'idle in transaction' : 'active',
    sinceMs: 41_000,
    transactionMs: 95_000,
  },
})

/** One that went to sleep in its transaction, and two that wait for it. */
let sessions = [
  session(4711, 'update booking set state = $1 where id = $2', []),
  session(4720, "update booking set state = 'paid' where id = 17", [4711]),
  session(4733, 'alter table booking add column voucher text', [4711, 4720]),
]

/** The first holds up the second, and that the third; the last one waits for nobody. */
const locks = () => (sessions.length < 2 ? [] : sessions.map(({ pid }, depth) => ({ pid, depth })))

export const activityRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/sessions$/,
    call =>
      answer(call, Activity, {
        app: call.params[0]!,
        ...(call.params[0] === 'hostel' ? { sessions, locks: locks() } : { sessions: [], locks: [] }),
      }),
  ],
  [
    'POST',
    /^\/api\/apps\/[^/]+\/sessions\/(\d+)\/end$/,
    call => {
      const pid = Number(call.params[0])
      sessions = sessions
        .filter(one => one.pid !== pid)
        .map(one => ({ ...one, blockedBy: one.blockedBy.filter(other => other !== pid) }))
      answer(call, SessionEnded, { ended: true })
    },
  ],
]
