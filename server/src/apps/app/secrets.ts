import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import { Failure } from '../../kernel/failure.ts'

type Values = Record<string, string>

/** Values that came with a request. They are put aside until a run takes them up; plans and the journal hold only their names. */
interface Given {
  at: number
  values: Values
  /** The values that these names had before a run took these up (null: none); null: no run took them up. */
  earlier: Record<string, string | null> | null
}

const secretsKey = (app: string): string => `secrets:${app}`
const givenKey = (app: string, id: string): string => `secrets-given:${app}/${id}`

/** The secrets of each app, generated or given at a deploy. They are kept, so that each deploy finds the same. */
export function secretStore(store: Store, now: () => number) {
  const { sql } = store

  async function secrets(app: string): Promise<Values> {
    const kept = await readSetting(store, secretsKey(app))
    return kept === null ? {} : (JSON.parse(kept) as Values)
  }

  const keepSecrets = (app: string, values: Readonly<Values>): Promise<void> =>
    keepSetting(store, secretsKey(app), JSON.stringify(values))

  async function given(app: string, id: string): Promise<Given | null> {
    const kept = await readSetting(store, givenKey(app, id))
    return kept === null ? null : (JSON.parse(kept) as Given)
  }

  const keepGiven = (app: string, id: string, row: Given): Promise<void> =>
    keepSetting(store, givenKey(app, id), JSON.stringify(row))

  return {
    secrets,
    keepSecrets,

    putAside: (app: string, id: string, values: Readonly<Values>): Promise<void> =>
      keepGiven(app, id, { at: now(), values, earlier: null }),

    /** The values hold from now on. The earlier values are written down first, and only once, because this step may run twice. */
    async takeUp(app: string, id: string): Promise<void> {
      const row = await given(app, id)
      if (row === null) throw forgotten(app)
      const known = await secrets(app)
      const earlier =
        row.earlier ?? Object.fromEntries(Object.keys(row.values).map(name => [name, known[name] ?? null]))
      await keepGiven(app, id, { ...row, earlier })
      await keepSecrets(app, { ...known, ...row.values })
    },

    /** Restores the earlier values of the names that `takeUp` replaced; other names are left alone. */
    async giveBack(app: string, id: string): Promise<void> {
      const earlier = (await given(app, id))?.earlier
      if (earlier == null) return
      const all = Object.entries({ ...(await secrets(app)), ...earlier })
      await keepSecrets(app, Object.fromEntries(all.flatMap(([name, v]) => (v === null ? [] : [[name, v]]))))
    },

    /** Forgets what was put aside before that time. Not to be called while a run is under way: the run may need it. */
    async forgetGiven(before: number): Promise<void> {
      const rows = await sql
        .selectFrom('setting')
        .selectAll()
        .where('name', 'like', givenKey('%', '%'))
        .execute()
      for (const { name, value } of rows)
        if ((JSON.parse(value) as Given).at < before)
          await sql.deleteFrom('setting').where('name', '=', name).execute()
    },

    async removeSecrets(app: string): Promise<void> {
      await sql
        .deleteFrom('setting')
        .where(e => e.or([e('name', '=', secretsKey(app)), e('name', 'like', givenKey(app, '%'))]))
        .execute()
    },
  }
}

const forgotten = (app: string): Failure =>
  new Failure('env.forgotten', `the values that were given for ${app} are not there any more`, {
    why: 'they are put aside for some minutes, until their deploy begins',
    fix: 'deploy again, with the same --env or --env-file',
  })
