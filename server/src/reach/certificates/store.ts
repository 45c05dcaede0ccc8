import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import type { Attempt, Certificate } from './certificate.ts'

export type CertificateStore = ReturnType<typeof certificateStore>

/** Certificates with their keys, what the last try of each app brought, and the keys of accounts. */
export const certificateStore = (store: Store) => ({
  ...issued(store),
  ...attempts(store),

  /** Leaves nothing of an app: neither its key nor why a try failed. */
  async forget(app: string): Promise<void> {
    for (const table of ['certificate', 'certificate_attempt'] as const)
      await store.sql.deleteFrom(table).where('app', '=', app).execute()
  },

  /** The key of an account; null: there is none yet. */
  accountKey: (account: string): Promise<string | null> => readSetting(store, `acme-account:${account}`),
  keepAccountKey: (account: string, key: string): Promise<void> =>
    keepSetting(store, `acme-account:${account}`, key),
})

function issued({ sql, cipher }: Store) {
  return {
    async certificate(app: string): Promise<Certificate | null> {
      const row = await sql.selectFrom('certificate').selectAll().where('app', '=', app).executeTakeFirst()
      return row === undefined ? null : { ...toCertificate(row), key: await cipher.decrypt(row.key) }
    },

    async keep({ app, names, key, from, to, goodSince, window, ...rest }: Certificate): Promise<void> {
      const times = { valid_from: from, valid_to: to, good_since: goodSince }
      const values = {
        ...rest,
        key: await cipher.encrypt(key),
        ...times,
        names: JSON.stringify(names),
        renewal: JSON.stringify(window),
      }
      await sql
        .insertInto('certificate')
        .values({ app, ...values })
        .onConflict(c => c.column('app').doUpdateSet(values))
        .execute()
    },

    async setWindow(app: string, window: Certificate['window']): Promise<void> {
      const values = { renewal: JSON.stringify(window) }
      await sql.updateTable('certificate').set(values).where('app', '=', app).execute()
    },
  }
}

function attempts({ sql }: Store) {
  return {
    async attempt(app: string): Promise<Attempt | null> {
      const row = await sql
        .selectFrom('certificate_attempt')
        .selectAll()
        .where('app', '=', app)
        .executeTakeFirst()
      return row === undefined ? null : toAttempt(row)
    },

    async note({ app, names, problems, nextAt, ...rest }: Attempt): Promise<void> {
      const lists = { names: JSON.stringify(names), problems: JSON.stringify(problems) }
      const values = { ...rest, ...lists, next_at: nextAt }
      await sql
        .insertInto('certificate_attempt')
        .values({ app, ...values })
        .onConflict(c => c.column('app').doUpdateSet(values))
        .execute()
    },
  }
}

function toCertificate({
  valid_from,
  valid_to,
  good_since,
  renewal,
  ...row
}: Tables['certificate']): Certificate {
  return {
    ...row,
    names: JSON.parse(row.names) as string[],
    window: JSON.parse(renewal) as Certificate['window'],
    from: valid_from,
    to: valid_to,
    goodSince: good_since,
  }
}

const toAttempt = ({ next_at, ...row }: Tables['certificate_attempt']): Attempt => ({
  ...row,
  names: JSON.parse(row.names) as string[],
  problems: JSON.parse(row.problems) as Attempt['problems'],
  nextAt: next_at,
})
