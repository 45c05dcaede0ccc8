import { RetentionCounts, RetentionList } from '../../server/src/data/retention/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const receipt = (
  rule: string,
  hours: number,
  more: Partial<RetentionList['receipts'][number]> = {},
): RetentionList['receipts'][number] => ({
  ...{ run: `run-${rule}-${hours}`, rule, table: 'booking', action: 'archive', by: 'keeper', state: 'done' },
  ...{ rows: 12_480, kept: 0, left: 0, bytes: 4.1e6, error: null },
  ...{ startedAt: ago(hours * 3_600), endedAt: ago(hours * 3_600 - 90), ...more },
})

const list = (app: string): RetentionList => ({
  app,
  rules: [
    {
      rule: 'old-bookings',
      table: 'booking',
      action: 'archive',
      schedule: '15 3 * * *',
      nextAt: ago(-36_000),
    },
    { rule: 'revoked', table: 'session', action: 'delete', schedule: '*/5 * * * *', nextAt: ago(-200) },
  ],
  receipts: [
    receipt('revoked', 1, { action: 'delete', table: 'session', rows: 31, bytes: 0 }),
    receipt('old-bookings', 9, {
      ...{ state: 'failed', rows: 0, bytes: 0 },
      error: 'no space is left at disk (/mnt/backup): 12 MB are free',
    }),
    receipt('old-bookings', 33, { kept: 14, by: 'Ada' }),
  ],
  archives: [
    {
      ...{
        id: 'old-bookings-mimc4k2x',
        rule: 'old-bookings',
        table: 'booking',
        at: ago(33 * 3_600),
        state: 'done',
      },
      ...{ rows: 12_480, bytes: 4.1e6, sha256: 'a'.repeat(64), run: 'run-old-bookings-33' },
      places: [{ place: 'disk', snapshot: '4fe0c1b2' }],
    },
  ],
})

const counts = (app: string): RetentionCounts => ({
  app,
  rules: [
    {
      ...{ rule: 'old-bookings', table: 'booking', action: 'archive' },
      ...{ rows: 12_510, bytes: 4.2e6, kept: 14, problem: null },
    },
    { rule: 'revoked', table: 'session', action: 'delete', rows: 0, bytes: 0, kept: 0, problem: null },
  ],
})

export const retentionRoutes: Array<[string, RegExp, Handler]> = [
  ['GET', /^\/api\/apps\/([^/]+)\/retention$/, call => answer(call, RetentionList, list(call.params[0]!))],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/retention\/counts$/,
    call => answer(call, RetentionCounts, counts(call.params[0]!)),
  ],
]
