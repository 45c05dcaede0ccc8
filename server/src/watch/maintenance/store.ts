import type { Selectable } from 'kysely'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { type Draft, enqueue } from '../messages/store.ts'
import type { Window } from './rule.ts'

export type MaintenanceStore = ReturnType<typeof maintenanceStore>

/** Windows of maintenance. What is told of a change is written down with it, or neither. */
export const maintenanceStore = ({ sql }: Store) => ({
  /** Newest first. */
  async list(): Promise<Window[]> {
    return (await sql.selectFrom('maintenance').selectAll().orderBy('begins_at', 'desc').execute()).map(
      toWindow,
    )
  },

  /** Those that are planned or on. */
  async open(): Promise<Window[]> {
    const rows = await sql
      .selectFrom('maintenance')
      .selectAll()
      .where('state', 'in', ['planned', 'on'])
      .execute()
    return rows.map(toWindow)
  },

  async find(id: number): Promise<Window | null> {
    const row = await sql.selectFrom('maintenance').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? null : toWindow(row)
  },

  async add(window: Omit<Window, 'id' | 'state' | 'told' | 'run'>): Promise<number> {
    const { insertId } = await sql
      .insertInto('maintenance')
      .values({ ...columns(window), state: 'planned', told: '[]', run: null })
      .executeTakeFirstOrThrow()
    return Number(insertId)
  },

  change: (
    id: number,
    change: Partial<Pick<Window, 'state' | 'endsAt' | 'told' | 'run'>>,
    told: readonly Draft[] = [],
    now = 0,
  ): Promise<void> =>
    sql.transaction().execute(async at => {
      const { state, endsAt, told: announced, run } = change
      await at
        .updateTable('maintenance')
        .set({
          ...(state === undefined ? {} : { state }),
          ...(endsAt === undefined ? {} : { ends_at: endsAt }),
          ...(announced === undefined ? {} : { told: JSON.stringify(announced) }),
          ...(run === undefined ? {} : { run }),
        })
        .where('id', '=', id)
        .execute()
      await enqueue(at, told, now)
    }),
})

const columns = ({
  app,
  beginsAt,
  endsAt,
  text,
  allow,
  commands,
  by,
}: Omit<Window, 'id' | 'state' | 'told' | 'run'>) => ({
  ...{ app, begins_at: beginsAt, ends_at: endsAt, text, made_by: by },
  ...{ allow: JSON.stringify(allow), commands: JSON.stringify(commands) },
})

const toWindow = (row: Selectable<Tables['maintenance']>): Window => ({
  ...{ id: row.id, app: row.app, state: row.state, beginsAt: row.begins_at, endsAt: row.ends_at },
  ...{ text: row.text, by: row.made_by, run: row.run },
  allow: JSON.parse(row.allow) as string[],
  commands: JSON.parse(row.commands) as string[],
  told: JSON.parse(row.told) as Window['told'],
})
