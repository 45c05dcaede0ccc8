import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Before, ItemState, Outcome } from './rule.ts'

/** A runbook that somebody walks through, or did. Its text stays as it was at the beginning. */
export interface Walk {
  id: number
  app: string | null
  runbook: string
  /** Whether the text came with Innkeeper. */
  own: boolean
  text: string
  incident: number | null
  by: string
  /** The occurrence of an alert that began it; null: a person did. */
  occurrence: string | null
  dry: boolean
  state: 'open' | 'done' | 'stopped'
  begunAt: number
  endedAt: number | null
}

export type RunbookStore = ReturnType<typeof runbookStore>

/** Who walked through which runbook, and what became of each step. */
export const runbookStore = ({ sql }: Store) => ({
  async begin(walk: Omit<Walk, 'id' | 'state' | 'endedAt'>): Promise<number> {
    const { own, dry, begunAt, by, ...rest } = walk
    const { insertId } = await sql
      .insertInto('runbook_walk')
      .values({
        ...{ ...rest, made_by: by, own: Number(own), dry: Number(dry) },
        ...{ state: 'open', begun_at: begunAt, ended_at: null },
      })
      .executeTakeFirstOrThrow()
    return Number(insertId)
  },

  async find(id: number): Promise<Walk | null> {
    const row = await sql.selectFrom('runbook_walk').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toWalk(row)
  },

  /** Newest first. */
  async list(limit: number): Promise<Walk[]> {
    const rows = await sql.selectFrom('runbook_walk').selectAll().orderBy('id', 'desc').limit(limit).execute()
    return rows.map(toWalk)
  },

  async open(): Promise<Walk[]> {
    const rows = await sql.selectFrom('runbook_walk').selectAll().where('state', '=', 'open').execute()
    return rows.map(toWalk)
  },

  /** Those of an app that began by themselves. */
  async before(app: string): Promise<Before[]> {
    const rows = await sql
      .selectFrom('runbook_walk')
      .select(['runbook', 'occurrence', 'begun_at', 'state'])
      .where('app', '=', app)
      .where('occurrence', 'is not', null)
      .execute()
    return rows.map(({ runbook, occurrence, begun_at, state }) => ({
      ...{ runbook, occurrence, at: begun_at, open: state === 'open' },
    }))
  },

  /** Keeps the newest of a runbook that began by themselves. Nobody asked for them, and an app may have one each minute. */
  async prune(app: string, runbook: string, most: number): Promise<void> {
    const old = sql
      .selectFrom('runbook_walk')
      .select('id')
      .where('app', '=', app)
      .where('runbook', '=', runbook)
      .where('occurrence', 'is not', null)
      .where('state', '!=', 'open')
      .orderBy('id', 'desc')
      .limit(-1)
      .offset(most)
    const ids = (await old.execute()).map(({ id }) => id)
    if (ids.length === 0) return
    await sql.deleteFrom('runbook_step').where('walk', 'in', ids).execute()
    await sql.deleteFrom('runbook_walk').where('id', 'in', ids).execute()
  },

  /** When each runbook was last walked to its end, and by whom. */
  async tried(): Promise<
    Array<{ runbook: string; app: string | null; own: boolean; by: string; at: number }>
  > {
    const rows = await sql
      .selectFrom('runbook_walk')
      .select(['runbook', 'app', 'own', 'made_by', 'ended_at'])
      .where('state', '=', 'done')
      .orderBy('ended_at', 'desc')
      .execute()
    return rows.map(({ runbook, app, own, made_by, ended_at }) => ({
      ...{ runbook, app, own: own === 1, by: made_by, at: ended_at! },
    }))
  },

  end: (id: number, state: 'done' | 'stopped', at: number) =>
    sql.updateTable('runbook_walk').set({ state, ended_at: at }).where('id', '=', id).execute(),

  /** By the place of the item in the runbook; what is not among them is still to come. */
  async outcomes(walk: number): Promise<Outcome[]> {
    const rows = await sql.selectFrom('runbook_step').selectAll().where('walk', '=', walk).execute()
    const outcomes: Outcome[] = []
    for (const { ix, state, made_by, at, ms, code, output, filled } of rows)
      outcomes[ix] = {
        ...{ state: state as ItemState, by: made_by, at, ms, code, output },
        values: JSON.parse(filled) as Record<string, string>,
      }
    return outcomes
  },

  async keep(walk: number, ix: number, { by, values, ...rest }: Outcome): Promise<void> {
    const row = { ...rest, made_by: by, filled: JSON.stringify(values) }
    await sql
      .insertInto('runbook_step')
      .values({ walk, ix, ...row })
      .onConflict(c => c.columns(['walk', 'ix']).doUpdateSet(row))
      .execute()
  },

  /** Since when each runbook in the repository of an app is known; those that are gone are forgotten. */
  async seen(app: string, names: readonly string[], now: number): Promise<Map<string, number>> {
    const gone = sql.deleteFrom('runbook_seen').where('app', '=', app)
    await (names.length === 0 ? gone : gone.where('runbook', 'not in', names)).execute()
    for (const runbook of names)
      await sql
        .insertInto('runbook_seen')
        .values({ app, runbook, since: now })
        .onConflict(c => c.doNothing())
        .execute()
    const rows = await sql.selectFrom('runbook_seen').selectAll().where('app', '=', app).execute()
    return new Map(rows.map(one => [one.runbook, one.since]))
  },

  /** Walks in which something may have been going on when the keeper ended: those that are open, or have a step under way. */
  async cut(): Promise<Walk[]> {
    const running = sql.selectFrom('runbook_step').select('walk').where('state', '=', 'running')
    const rows = await sql
      .selectFrom('runbook_walk')
      .selectAll()
      .where(({ or, eb }) => or([eb('state', '=', 'open'), eb('id', 'in', running)]))
      .execute()
    return rows.map(toWalk)
  },

  /** Of what was going on when the keeper ended, nobody knows what became. */
  lost: () =>
    sql.updateTable('runbook_step').set({ state: 'unknown' }).where('state', '=', 'running').execute(),
})

const toWalk = (row: Selectable<Tables['runbook_walk']>): Walk => ({
  ...{ id: row.id, app: row.app, runbook: row.runbook, own: row.own === 1, text: row.text },
  ...{ incident: row.incident, by: row.made_by, occurrence: row.occurrence, dry: row.dry === 1 },
  ...{ state: row.state, begunAt: row.begun_at, endedAt: row.ended_at },
})
