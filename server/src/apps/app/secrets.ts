import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'

type Values = Record<string, string>

/** How the value of a secret is had from elsewhere: by a command that an admin of the server has named. */
export interface Reference {
  argv: readonly string[]
  /** The credentials that it gets in its environment. */
  with: readonly string[]
  timeoutMs: number
  /** A deploy takes the kept value while it is younger than this. */
  cacheMs: number
  /** Where the command fails, a deploy goes on with a kept value that is younger than this; 0: it does not. */
  staleMs: number
  /** When the value was had, in milliseconds since 1970. */
  at: number
}

/** The name under which a credential is kept: no variable can be called so, so that no app is given it. */
export const credentialKey = (name: string): string => `${CREDENTIAL}${name}`
const CREDENTIAL = 'credential:'

/** Whether a kept value is a credential, and the name of its variable; null: it is not. */
export const credentialOf = (key: string): string | null =>
  key.startsWith(CREDENTIAL) ? key.slice(CREDENTIAL.length) : null

/** A secret as it is kept. */
export interface KeptSecret {
  value: string
  /** Since when it has this value, in milliseconds since 1970; null: since before this was noted. */
  since: number | null
  /** Set where it is the earlier value of another secret: services get both until then, in milliseconds since 1970. */
  previous?: { of: string; until: number }
  /** Set where a command says the value. */
  from?: Reference
}

type Kept = Record<string, KeptSecret>

export const valuesOf = (kept: Readonly<Kept>): Values =>
  Object.fromEntries(Object.entries(kept).map(([name, { value }]) => [name, value]))

/** Names of secrets, and of credentials, for a person. */
export const listSecrets = (keys: readonly string[]): string =>
  list(
    keys.map(key => {
      const credential = credentialOf(key)
      return credential === null ? key : `the credential ${credential}`
    }),
  )

/** What a request wants of secrets: new values, or null for those that are to go. */
export type Wanted = Readonly<Record<string, Pick<KeptSecret, 'value' | 'previous' | 'from'> | null>>

/** Values that came with a request. They are put aside until a run takes them up; plans and the journal hold only their names. */
interface Given {
  at: number
  wanted: Wanted
  /** What these names had before a run took them up (null: nothing); null: no run took them up. */
  earlier: Record<string, KeptSecret | null> | null
}

const secretsKey = (app: string): string => `secrets:${app}`
const givenKey = (app: string, id: string): string => `secrets-given:${app}/${id}`

/** The secrets of each app, generated or given. They are kept, so that each deploy finds the same. */
export function secretStore(store: Store, now: () => number) {
  const { sql, cipher } = store

  async function keptSecrets(app: string): Promise<Kept> {
    const text = await readSetting(store, secretsKey(app))
    if (text === null) return {}
    // Earlier versions kept nothing but the values.
    const kept = Object.entries(JSON.parse(text) as Record<string, string | KeptSecret>)
    return Object.fromEntries(
      kept.map(([name, one]) => [name, typeof one === 'string' ? { value: one, since: null } : one]),
    )
  }

  const keep = (app: string, kept: Kept): Promise<void> =>
    keepSetting(store, secretsKey(app), JSON.stringify(kept))

  async function given(app: string, id: string): Promise<Given | null> {
    const kept = await readSetting(store, givenKey(app, id))
    return kept === null ? null : (JSON.parse(kept) as Given)
  }

  const keepGiven = (app: string, id: string, row: Given): Promise<void> =>
    keepSetting(store, givenKey(app, id), JSON.stringify(row))

  return {
    keptSecrets,

    secrets: async (app: string): Promise<Values> => valuesOf(await keptSecrets(app)),

    /** Adds these values to what is kept, or puts them in the place of others. */
    async keepSecrets(app: string, values: Readonly<Values>): Promise<void> {
      const known = await keptSecrets(app)
      const changed = Object.entries(values).filter(([name, value]) => known[name]?.value !== value)
      if (changed.length === 0) return
      const since = now()
      await keep(app, {
        ...known,
        ...Object.fromEntries(changed.map(([name, value]) => [name, { value, since }])),
      })
    },

    putAside: (app: string, id: string, wanted: Wanted): Promise<void> =>
      keepGiven(app, id, { at: now(), wanted, earlier: null }),

    isAside: async (app: string, id: string): Promise<boolean> => (await given(app, id)) !== null,

    /** The values hold from now on. The earlier ones are written down first, and only once, because this step may run twice. */
    async takeUp(app: string, id: string): Promise<void> {
      const row = await given(app, id)
      if (row === null) throw forgotten(app)
      const known = await keptSecrets(app)
      const earlier =
        row.earlier ?? Object.fromEntries(Object.keys(row.wanted).map(name => [name, known[name] ?? null]))
      await keepGiven(app, id, { ...row, earlier })
      await keep(app, withChanges(known, row.wanted, now()))
    },

    /** Restores what the names had that `takeUp` replaced; other names are left alone. */
    async giveBack(app: string, id: string): Promise<void> {
      const earlier = (await given(app, id))?.earlier
      if (earlier == null) return
      const all = Object.entries({ ...(await keptSecrets(app)), ...earlier })
      await keep(app, Object.fromEntries(all.flatMap(([name, one]) => (one === null ? [] : [[name, one]]))))
    },

    /** Forgets what was put aside before that time. Not to be called while a run is under way: the run may need it. */
    async forgetGiven(before: number): Promise<void> {
      const rows = await sql
        .selectFrom('setting')
        .selectAll()
        .where('name', 'like', givenKey('%', '%'))
        .execute()
      for (const { name, value } of rows)
        if ((JSON.parse(await cipher.decrypt(value)) as Given).at < before)
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

/** A value that is given once more is as old as it was. */
function withChanges(known: Kept, wanted: Wanted, now: number): Kept {
  const all: Kept = { ...known }
  for (const [name, change] of Object.entries(wanted)) {
    if (change === null) delete all[name]
    else all[name] = { ...change, since: known[name]?.value === change.value ? known[name].since : now }
  }
  return all
}

const forgotten = (app: string): Failure =>
  new Failure('env.forgotten', `the values that were given for ${app} are not there any more`, {
    why: 'they are put aside for some minutes, until their run begins',
    fix: 'give them again: the same command, with the same values',
  })
