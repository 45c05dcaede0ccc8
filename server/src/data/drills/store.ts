import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Drill, Level } from './drill.ts'

export type DrillStore = ReturnType<typeof drillStore>

/** Drills and their results. */
export function drillStore({ sql }: Store, now: () => number) {
  const get = (id: string): Promise<Drill> => readDrill(sql, id)
  const set = async (id: string, values: Partial<Tables['drill']>): Promise<void> =>
    void (await sql.updateTable('drill').set(values).where('id', '=', id).execute())

  return {
    get,

    /** Stores a drill as it begins; may be called twice. */
    async begin(drill: Pick<Drill, 'id' | 'app' | 'point' | 'place' | 'abandoned'>): Promise<void> {
      const { id, app, point, place, abandoned } = drill
      const row = { id, app, point, place, abandoned, state: 'running' as const, at: now() }
      await sql
        .insertInto('drill')
        .values({ ...row, levels: '[]', rto_ms: null, rpo_ms: null, ended_at: null })
        .onConflict(c => c.doNothing())
        .execute()
    },

    async reached(id: string, level: Level): Promise<void> {
      const { levels } = await get(id)
      const all = [...levels.filter(l => l.level !== level.level), level].sort((a, b) => a.level - b.level)
      await set(id, { levels: JSON.stringify(all) })
    },

    measured: (id: string, { rtoMs, rpoMs }: { rtoMs?: number; rpoMs?: number }) =>
      set(id, {
        ...(rtoMs === undefined ? {} : { rto_ms: Math.round(rtoMs) }),
        ...(rpoMs === undefined ? {} : { rpo_ms: Math.round(rpoMs) }),
      }),

    end: (id: string, state: 'proven' | 'failed' | 'cancelled') => set(id, { state, ended_at: now() }),

    /** Newest first. */
    async list(): Promise<Drill[]> {
      const rows = await sql.selectFrom('drill').selectAll().orderBy('at', 'desc').execute()
      return rows.map(toDrill)
    },
  }
}

async function readDrill(sql: Store['sql'], id: string): Promise<Drill> {
  const row = await sql.selectFrom('drill').selectAll().where('id', '=', id).executeTakeFirst()
  if (row !== undefined) return toDrill(row)
  throw new Failure('drill.unknown', `there is no drill ${id}`, {
    why: 'it was never begun, or was mistyped',
    fix: '`inn drill list`',
  })
}

const toDrill = (row: Tables['drill']): Drill => ({
  id: row.id,
  app: row.app,
  point: row.point,
  place: row.place,
  abandoned: row.abandoned,
  state: row.state,
  levels: JSON.parse(row.levels) as Level[],
  rtoMs: row.rto_ms,
  rpoMs: row.rpo_ms,
  at: row.at,
  endedAt: row.ended_at,
})
