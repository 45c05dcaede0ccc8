import type { Known, LiveTable } from './facts.ts'

const column = (name: string, type = 'text') => ({
  ...{ name, type, notNull: false, checkedNotNull: false, nulls: null },
})

const table = (name: string, more: Partial<LiveTable> = {}): LiveTable => ({
  ...{ schema: 'public', name, kind: 'table', rows: 10_000_000, bytes: 4e9, indexBytes: 1e9 },
  ...{ reads: 50, writes: 5, published: false, columns: [] },
  ...more,
})

/** A database with one large table, `guest`, that what serves asks for, a small one, `room`, and an empty one, `draft`. */
export const LIVE: Known = {
  empty: false,
  live: {
    ...{ at: 10 * 86_400_000, version: 150_013, path: ['public'], sessions: [], volatile: ['own_key'] },
    tables: [
      table('guest', {
        columns: [
          ...[column('id', 'bigint'), column('name'), column('old'), column('room_id', 'bigint')],
          ...[column('code', 'character varying(20)'), { ...column('mail'), nulls: true }],
          { ...column('sure'), checkedNotNull: true },
        ],
      }),
      table('room', { rows: 40, bytes: 65_536, indexBytes: 32_768, columns: [column('id', 'integer')] }),
      table('draft', { rows: 0, bytes: 8_192, indexBytes: 8_192 }),
      table('sent', { published: true, rows: 10, bytes: 16_384 }),
    ],
    indexes: [
      {
        ...{ schema: 'public', name: 'guest_name_idx', columns: ['name'], valid: true },
        table: { schema: 'public', name: 'guest' },
      },
    ],
  },
  served: {
    ...{ release: 'r7', since: 0, unread: 0 },
    statements: [
      {
        text: 'select id, name from guest where name = $1',
        tables: [{ schema: null, name: 'guest' }],
        ...{ columns: ['id', 'name'], all: false, lastAsked: 10 * 86_400_000 - 120_000 },
      },
    ],
  },
}
