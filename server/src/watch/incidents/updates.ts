import type { Store } from '../../db/db.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Incident, Update } from './incident.ts'
import type { UpdateRequest } from './wire.ts'

/** An incident of which something was said in public. */
export type PublicIncident = Incident & { updates: readonly Update[] }

export type UpdateStore = ReturnType<typeof updateStore>

/** Public updates of incidents: what people outside were told. */
export const updateStore = ({ sql }: Store) => ({
  /** Those of an incident, oldest first. */
  async updates(incident: number): Promise<Update[]> {
    const rows = await sql
      .selectFrom('incident_update')
      .selectAll()
      .where('incident', '=', incident)
      .orderBy('id')
      .execute()
    return rows.map(({ id, at, who, state, title, say, components }) => ({
      ...{ id, at, by: who, as: state, title, say },
      components: JSON.parse(components) as string[],
    }))
  },

  /** Incidents of which something was ever said, and that go on, or were over or spoken of since a moment. */
  async told(since: number): Promise<number[]> {
    const rows = await sql
      .selectFrom('incident_update')
      .innerJoin('incident', 'incident.id', 'incident_update.incident')
      .select('incident')
      .distinct()
      .where(({ or, eb }) =>
        or([eb('at', '>=', since), eb('resolved_at', 'is', null), eb('resolved_at', '>=', since)]),
      )
      .execute()
    return rows.map(row => row.incident)
  },

  /** Writes an update down, with its line of the timeline. */
  say: (incident: number, { at, by, as, title, say, components }: Omit<Update, 'id'>): Promise<void> =>
    sql.transaction().execute(async changed => {
      const { insertId } = await changed
        .insertInto('incident_update')
        .values({ incident, at, who: by, state: as, title, say, components: JSON.stringify(components) })
        .executeTakeFirstOrThrow()
      const what = `said in public, ${as}: ${say}`
      await changed
        .insertInto('incident_entry')
        .values({ incident, key: `public:${insertId}`, at, kind: 'public', who: by, what, detail: null })
        .execute()
    }),
})

/** The update that a request makes of what was said before. `known`: components of the page; null: there is none. */
export function updateOf(
  { say, as, title, components }: UpdateRequest,
  before: Update | undefined,
  known: readonly string[] | null,
): Pick<Update, 'say' | 'as' | 'title' | 'components'> {
  if (known === null)
    throw new Failure('incident.no-page', 'nobody would read it: there is no status page', {
      why: 'what is said in public stands on the status page of the app',
      fix: 'give the app one, `statusPage:` in innkeeper.yaml, and deploy; a note is for the timeline alone',
    })
  const unknown = (components ?? []).filter(name => !known.includes(name))
  if (unknown.length > 0)
    throw new Failure('incident.component', `the status page has no component ${list(unknown)}`, {
      why: known.length === 0 ? 'an incident of the server names none' : `it has ${list(known)}`,
      fix: 'name one of them, or none',
    })
  return {
    ...{ say, title, as: as ?? before?.as ?? 'investigating' },
    components: components ?? before?.components ?? [],
  }
}
