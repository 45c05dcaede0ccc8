import { Statements } from '../../server/src/watch/statements/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const STATEMENTS: Statements['statements'] = [
  {
    text: `select b.id, b.guest_id, r.name, sum(p.amount) as paid
  from booking b
  join room r on r.id = b.room_id
  left join payment p on p.booking_id = b.id
 where b.day between $1 and $2 and b.state = any($3)
 group by b.id, b.guest_id, r.name
 order by b.day`,
    ...{ share: 0.62, calls: 48_210, totalMs: 9_641_000, meanMs: 200, longestMs: 4_310, rowsPerCall: 31 },
    fromMemory: 0.71,
  },
  {
    text: 'select * from session where token = $1',
    ...{ share: 0.21, calls: 1_204_331, totalMs: 3_265_000, meanMs: 2.71, longestMs: 180, rowsPerCall: 1 },
    fromMemory: 0.999,
  },
  {
    text: 'update room set cleaned_at = now() where id = $1',
    ...{ share: 0.004, calls: 812, totalMs: 62_000, meanMs: 0.08, longestMs: 12, rowsPerCall: 1 },
    fromMemory: null,
  },
]

export const statementRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/statements$/,
    call =>
      answer(call, Statements, {
        app: call.params[0]!,
        since: ago(6 * 86_400),
        statements: STATEMENTS,
      }),
  ],
]
