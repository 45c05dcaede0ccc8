import { DatabaseHealth } from '../../server/src/watch/doctor/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const table = (
  name: string,
  megabytes: number,
  rows: number,
  deadRows: number,
): DatabaseHealth['largest'][number] => ({
  ...{ name, bytes: megabytes * 1024 ** 2, indexBytes: megabytes * 300_000, rows, deadRows },
  vacuumedAt: deadRows > 100_000 ? null : ago(40_000),
})

const health = (app: string): DatabaseHealth => ({
  ...{ app, at: ago(0), since: ago(90 * 86_400), bytes: 1.4e9, tables: 34, fromMemory: 0.991 },
  connections: { used: 18, most: 100 },
  largest: [
    table('public.booking', 610, 2_400_000, 810_000),
    table('public.session', 210, 900_000, 1_200),
    table('public."Guest Note"', 44, 81_000, 300),
  ],
  findings: [
    {
      ...{ id: 'sequence', level: 'bad', sql: [] },
      what: 'public.session.id has given out 93 % of its numbers: 1,997,159,792 of 2,147,483,647',
      why: 'after the last one, every insert fails',
      fix: 'make public.session.id a bigint, in a migration of its own: it writes the table anew while nobody can read it, so a large table wants a second column that is filled in parts',
    },
    {
      ...{ id: 'table.dead-rows', level: 'warning', fix: null },
      what: '810,000 rows of public.booking are dead, beside 2,400,000 that are not',
      why: 'each query goes past them, and they keep a part of its 610 MB',
      sql: ['vacuum (analyze) public.booking'],
    },
    {
      ...{ id: 'index.unused', level: 'note' },
      what: 'no query has used the index public.booking_note_idx of public.booking in 90 days',
      why: 'every write keeps it; it takes 88 MB',
      sql: ['drop index concurrently public.booking_note_idx'],
      fix: 'a replica, or a report of once a year, may still use it',
    },
  ],
})

export const doctorRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/apps\/([^/]+)\/database$/, call => answer(call, DatabaseHealth, health(call.params[0]!))],
]
