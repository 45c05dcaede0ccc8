import { all, type Database, one } from '../database/pool.ts'
import type { Export, NewExport } from './export.ts'

const COLUMNS = `e.id, e.kind, e.from_day as "fromDay", e.to_day as "toDay", e.file, e.row_count as "rowCount",
  a.name as "madeBy", e.made_at as "madeAt"`
const TABLES = 'exports e join accounts a on a.id = e.made_by'

export const listExports = (db: Database) => all<Export>(db, `select ${COLUMNS} from ${TABLES} order by e.id desc limit 100`)

export const exportById = (db: Database, id: number) => one<Export>(db, `select ${COLUMNS} from ${TABLES} where e.id = $1`, [id])

export async function noteExport(db: Database, made: NewExport & { file: string; rowCount: number; madeBy: number }): Promise<number> {
  const row = await one<{ id: number }>(
    db,
    `insert into exports (kind, from_day, to_day, file, row_count, made_by) values ($1, $2, $3, $4, $5, $6) returning id`,
    [made.kind, made.fromDay, made.toDay, made.file, made.rowCount, made.madeBy],
  )
  return row!.id
}
