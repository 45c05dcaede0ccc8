import type { Store } from '../../db/db.ts'
import type { AuditEntry, AuditQuery } from './wire.ts'

export interface AuditRow {
  actor: string
  action: string
  app: string | null
  run: string | null
  detail: string
}

export type Audit = ReturnType<typeof auditLog>

/** Who did what, with which outcome. The outcome of a run is read from the run itself, so that it is right even when the keeper was killed meanwhile. */
export function auditLog({ sql }: Store, now: () => number) {
  return {
    /** Writes an entry and returns its id. Long work that is no run is written when it begins; its outcome is set later. */
    async write(row: AuditRow, outcome = row.run === null ? 'done' : 'begun'): Promise<number> {
      const { insertId } = await sql
        .insertInto('audit')
        .values({ ...row, id: undefined as never, at: now(), outcome })
        .executeTakeFirstOrThrow()
      return Number(insertId)
    },

    async ended(id: number, outcome: string): Promise<void> {
      await sql.updateTable('audit').set({ outcome }).where('id', '=', id).execute()
    },

    async list({ app, actor, before, limit }: AuditQuery): Promise<AuditEntry[]> {
      const rows = await sql
        .selectFrom('audit')
        .leftJoin('run', 'run.id', 'audit.run')
        .select(COLUMNS)
        .$if(app !== undefined, query => query.where('audit.app', '=', app!))
        .$if(actor !== undefined, query =>
          query.where(({ eb, fn, val }) =>
            eb(fn<number>('instr', [fn('lower', ['audit.actor']), val(actor!.toLowerCase())]), '>', 0),
          ),
        )
        .$if(before !== undefined, query => query.where('audit.id', '<', before!))
        .orderBy('audit.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(r => ({
        id: r.id,
        at: new Date(r.at).toISOString(),
        actor: r.actor,
        action: r.action,
        app: r.app,
        run: r.run,
        detail: r.detail,
        outcome: r.ended ?? r.state ?? r.outcome,
      }))
    },
  }
}

const COLUMNS = [
  'audit.id',
  'audit.at',
  'audit.actor',
  'audit.action',
  'audit.app',
  'audit.run',
  'audit.detail',
  'audit.outcome',
  'run.outcome as ended',
  'run.state',
] as const
