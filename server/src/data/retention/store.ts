import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Archive, Receipt } from './retention.ts'

export type RetentionStore = ReturnType<typeof retentionStore>

/** Longest time that receipts are kept; archives that are there keep their rows for good. */
const KEPT_MS = 2 * 366 * 86_400_000

/** Receipts of runs, and the archives that they made. */
export function retentionStore({ sql }: Store) {
  return {
    ...receipts({ sql }),
    ...archives({ sql }),

    /** What is known of an app that is gone. */
    async forget(app: string): Promise<void> {
      for (const table of ['retention_receipt', 'retention_archive', 'retention_look'] as const)
        await sql.deleteFrom(table).where('app', '=', app).execute()
    },
  }
}

function receipts({ sql }: Pick<Store, 'sql'>) {
  return {
    /** Notes that a rule begins, and what became of it. A run that is carried on begins again. */
    async note(receipt: Receipt): Promise<void> {
      const row = receiptRow(receipt)
      await sql
        .insertInto('retention_receipt')
        .values(row)
        .onConflict(c => c.columns(['run', 'rule']).doUpdateSet(row))
        .execute()
      const old = receipt.startedAt - KEPT_MS
      await sql.deleteFrom('retention_receipt').where('started_at', '<', old).execute()
    },

    async receipt(run: string, rule: string): Promise<Receipt | null> {
      const row = await sql
        .selectFrom('retention_receipt')
        .selectAll()
        .where('run', '=', run)
        .where('rule', '=', rule)
        .executeTakeFirst()
      return row === undefined ? null : toReceipt(row)
    },

    /** Notes that what was under way is not any more: its run was taken back. */
    async breakOff(app: string, now: number): Promise<void> {
      const error = 'the keeper died at it twice, and the run was taken back'
      await sql
        .updateTable('retention_receipt')
        .set({ state: 'failed', error, ended_at: now })
        .where('app', '=', app)
        .where('state', '=', 'running')
        .execute()
    },

    /** When rows of a rule were looked for last, or when the rule was first seen; null: never. */
    async looked(app: string, rule: string): Promise<number | null> {
      const row = await sql
        .selectFrom('retention_look')
        .select('at')
        .where('app', '=', app)
        .where('rule', '=', rule)
        .executeTakeFirst()
      return row?.at ?? null
    },

    async look(app: string, rule: string, at: number): Promise<void> {
      await sql
        .insertInto('retention_look')
        .values({ app, rule, at })
        .onConflict(c => c.columns(['app', 'rule']).doUpdateSet({ at }))
        .execute()
    },

    /** The newest of a rule. */
    async last(app: string, rule: string): Promise<Receipt | null> {
      const row = await sql
        .selectFrom('retention_receipt')
        .selectAll()
        .where('app', '=', app)
        .where('rule', '=', rule)
        .orderBy('started_at', 'desc')
        .limit(1)
        .executeTakeFirst()
      return row === undefined ? null : toReceipt(row)
    },

    /** Newest first. */
    async receipts(app: string, most: number): Promise<Receipt[]> {
      const rows = await sql
        .selectFrom('retention_receipt')
        .selectAll()
        .where('app', '=', app)
        .orderBy('started_at', 'desc')
        .limit(most)
        .execute()
      return rows.map(toReceipt)
    },
  }
}

function archives({ sql }: Pick<Store, 'sql'>) {
  const set = async (
    { app, id }: Pick<Archive, 'app' | 'id'>,
    values: Partial<Tables['retention_archive']>,
  ) =>
    void (await sql
      .updateTable('retention_archive')
      .set(values)
      .where('app', '=', app)
      .where('id', '=', id)
      .execute())
  const all = (app: string) => sql.selectFrom('retention_archive').selectAll().where('app', '=', app)

  return {
    /** Before any place has a part of it. */
    async take(archive: Omit<Archive, 'state' | 'parts' | 'left'>): Promise<void> {
      const { table, ...row } = archive
      await sql
        .insertInto('retention_archive')
        .values({ ...row, table_name: table, state: 'taking', parts: '[]', left_lines: '[]' })
        .execute()
    },
    /** Before anything of it is deleted. */
    keep: (archive: Archive) => set(archive, { state: 'kept', parts: JSON.stringify(archive.parts) }),
    done: (archive: Pick<Archive, 'app' | 'id'>, left: readonly number[]) =>
      set(archive, { state: 'done', left_lines: JSON.stringify(left) }),
    expire: (archive: Pick<Archive, 'app' | 'id'>) => set(archive, { state: 'expired', parts: '[]' }),

    async giveUp({ app, id }: Pick<Archive, 'app' | 'id'>): Promise<void> {
      await sql.deleteFrom('retention_archive').where('app', '=', app).where('id', '=', id).execute()
    },

    /** Those of a rule that an earlier run did not end, oldest first. */
    async open(app: string, rule: string): Promise<Archive[]> {
      const rows = await all(app)
        .where('rule', '=', rule)
        .where('state', 'in', ['taking', 'kept'])
        .orderBy('at')
        .execute()
      return rows.map(toArchive)
    },

    /** Failure `retention.archive`. */
    async get(app: string, id: string): Promise<Archive> {
      const row = await all(app).where('id', '=', id).executeTakeFirst()
      if (row !== undefined) return toArchive(row)
      throw new Failure('retention.archive', `${app} has no archive ${id}`, {
        why: 'it was never made, or was mistyped',
        fix: `\`inn retention list ${app}\` shows them`,
      })
    },

    /** Newest first, without those of which nothing is kept. */
    async archives(app: string): Promise<Archive[]> {
      const rows = await all(app).where('state', 'in', ['kept', 'done']).orderBy('at', 'desc').execute()
      return rows.map(toArchive)
    },
  }
}

const receiptRow = (one: Receipt): Tables['retention_receipt'] => ({
  ...{ run: one.run, app: one.app, rule: one.rule, table_name: one.table, action: one.action, actor: one.by },
  ...{ state: one.state, rows: one.rows, kept: one.kept, left_rows: one.left, bytes: one.bytes },
  ...{ more: one.more ? 1 : 0, error: one.error, started_at: one.startedAt, ended_at: one.endedAt },
})

const toReceipt = (row: Tables['retention_receipt']): Receipt => ({
  ...{ run: row.run, app: row.app, rule: row.rule, table: row.table_name, action: row.action, by: row.actor },
  ...{ state: row.state, rows: row.rows, kept: row.kept, left: row.left_rows, bytes: row.bytes },
  ...{ more: row.more === 1, error: row.error, startedAt: row.started_at, endedAt: row.ended_at },
})

const toArchive = ({
  table_name: table,
  parts,
  left_lines,
  ...row
}: Tables['retention_archive']): Archive => ({
  ...row,
  table,
  parts: JSON.parse(parts) as Archive['parts'],
  left: JSON.parse(left_lines) as number[],
})
