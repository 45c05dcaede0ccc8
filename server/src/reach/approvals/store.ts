import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Kept } from './rule.ts'

export type ApprovalStore = ReturnType<typeof approvalStore>

/** Plans that wait for people, and what became of them. */
export function approvalStore({ sql }: Store) {
  return {
    async all(): Promise<Kept[]> {
      const rows = await sql
        .selectFrom('approval')
        .selectAll()
        .orderBy('asked_at', 'desc')
        .limit(200)
        .execute()
      return rows.map(toKept)
    },

    /** Failure `approval.unknown`. */
    async get(id: string): Promise<Kept> {
      const row = await sql.selectFrom('approval').selectAll().where('id', '=', id).executeTakeFirst()
      if (row !== undefined) return toKept(row)
      throw new Failure('approval.unknown', `nothing called ${id} waits for an approval`, {
        why: 'it was mistyped, or ended long ago',
        fix: '`inn approvals list` says what waits',
      })
    },

    add: async (kept: Kept): Promise<void> =>
      void (await sql.insertInto('approval').values(toRow(kept)).execute()),

    async set(
      id: string,
      change: Partial<Pick<Kept, 'given' | 'state' | 'refusedBy' | 'run'>>,
    ): Promise<void> {
      const { given, state, refusedBy, run } = change
      const values = {
        ...(given === undefined ? {} : { given: JSON.stringify(given) }),
        ...(state === undefined ? {} : { state }),
        ...(refusedBy === undefined ? {} : { refused_by: refusedBy }),
        ...(run === undefined ? {} : { run }),
      }
      await sql.updateTable('approval').set(values).where('id', '=', id).execute()
    },

    /** Removes what ended before a moment. */
    async forget(before: number): Promise<void> {
      await sql.deleteFrom('approval').where('ends_at', '<', before).execute()
    },

    /** Runs of an app that began since a moment. */
    async runsSince(app: string, since: number): Promise<Array<{ kind: string; title: string }>> {
      const rows = await sql
        .selectFrom('run')
        .select(['kind', 'plan'])
        .where('app', '=', app)
        .where('started_at', '>', since)
        .execute()
      return rows.map(({ kind, plan }) => ({ kind, title: (JSON.parse(plan) as Plan).title }))
    },
  }
}

const toKept = (row: Selectable<Tables['approval']>): Kept => ({
  ...{ id: row.id, app: row.app, digest: row.digest, needed: row.needed, state: row.state, run: row.run },
  ...{ askedBy: row.asked_by, askedId: row.asked_id, askedAt: row.asked_at, endsAt: row.ends_at },
  ...{ assistant: row.assistant === 1, role: row.role },
  plan: JSON.parse(row.plan) as Plan,
  given: JSON.parse(row.given) as Kept['given'],
  refusedBy: row.refused_by,
})

const toRow = (kept: Kept): Selectable<Tables['approval']> => ({
  ...{
    id: kept.id,
    app: kept.app,
    digest: kept.digest,
    needed: kept.needed,
    state: kept.state,
    run: kept.run,
  },
  ...{ asked_by: kept.askedBy, asked_id: kept.askedId, asked_at: kept.askedAt, ends_at: kept.endsAt },
  ...{ assistant: kept.assistant ? 1 : 0, role: kept.role },
  plan: JSON.stringify(kept.plan),
  given: JSON.stringify(kept.given),
  refused_by: kept.refusedBy,
})
