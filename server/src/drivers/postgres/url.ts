import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Query } from '../../apps/databases/migrations.ts'
import { databaseIn, urlAt } from '../../apps/databases/url.ts'
import type { Elsewhere } from '../../data/restores/elsewhere.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { withDatabase } from './connect.ts'
import { copySettings } from './database-settings.ts'

const q = (name: string): string => pg.escapeIdentifier(name)
const literal = (text: unknown): string => pg.escapeLiteral(String(text))

/** The database to connect to for a rename: a database cannot be renamed from inside. Every server has this one. */
const ANOTHER = 'postgres'
/** The oldest major on which one database can take the place of another safely. */
const OLDEST_MAJOR = 14

/** Creates and renames databases on a server that Innkeeper does not run, with the rights of the role in the URL. */
export const databasesElsewhere: Pick<Elsewhere, 'check' | 'beside' | 'swap' | 'drop'> = {
  check,
  beside: (url, name) =>
    withDatabase(urlAt(url, ANOTHER), async query => {
      const own = databaseIn(url)
      await query(`drop database if exists ${q(name)} with (force)`)
      await query(`create database ${q(name)} ${await likeness(query, own)}`)
      await copyRights(query, own, name)
      await copySettings(query, own, name)
    }),
  swap: (url, names) => patiently(() => told(() => swap(url, names))),
  drop: (url, name) =>
    patiently(() =>
      told(() =>
        withDatabase(
          urlAt(url, ANOTHER),
          async query => void (await query(`drop database if exists ${q(name)} with (force)`)),
        ),
      ),
    ),
}

async function check(url: string): Promise<{ bytes: number }> {
  const own = databaseIn(url)
  const [row] = await withDatabase(url, query =>
    query(
      `select current_setting('server_version_num')::int / 10000 as major, pg_database_size(d.oid)::text as bytes,
              rolname, rolsuper or rolcreatedb as creates, pg_has_role(datdba, 'usage') as owns,
              pg_get_userbyid(datdba) as owner
         from pg_database d, pg_roles where datname = current_database() and rolname = current_user`,
    ),
  )
  const { major, bytes, rolname, creates, owns, owner } = row!
  if (Number(major) < OLDEST_MAJOR) throw tooOld(Number(major))
  if (own === ANOTHER) throw serversOwn(own)
  const role = q(String(rolname))
  const lacks = [
    ...(creates ? [] : [{ why: 'it may not create databases', fix: `alter role ${role} createdb` }]),
    ...(owns
      ? []
      : [{ why: `${owner} owns ${own}, and not it`, fix: `alter database ${q(own)} owner to ${role}` }]),
  ]
  if (lacks.length > 0)
    throw new Failure(
      'restore.rights',
      `the role ${rolname} may not put another database in place of ${own}`,
      {
        why: list(lacks.map(lack => lack.why)),
        fix: `as an administrator of the server: ${lacks.map(lack => `${lack.fix};`).join(' ')} then restore again`,
      },
    )
  await withDatabase(urlAt(url, ANOTHER), query => query('select 1'))
  return { bytes: Number(bytes) }
}

const tooOld = (major: number): Failure =>
  new Failure('restore.server', `the server of the database is PostgreSQL ${major}`, {
    why: `from ${OLDEST_MAJOR} on, one database can take the place of another safely`,
    fix: 'upgrade it, or load the dump by hand: `inn backup show POINT` has its snapshot',
  })

const serversOwn = (name: string): Failure =>
  new Failure('restore.server', `the database ${name} cannot be replaced`, {
    why: 'every server has one of that name, through which all others are renamed',
    fix: 'give the app a database of its own',
  })

/** Options for `create database` that make the new database like `own`: a dump does not contain them. */
async function likeness(query: Query, own: string): Promise<string> {
  // Read as JSON, because the columns depend on the server's version.
  const [row] = await query(
    `select pg_get_userbyid(datdba) as owner, pg_encoding_to_char(encoding) as encoding, to_jsonb(d) - 'datacl' as d
       from pg_database d where datname = $1`,
    [own],
  )
  const d = row!['d'] as Record<string, string | null | undefined>
  const provider = ({ i: 'icu', b: 'builtin' } as const)[d['datlocprovider'] ?? 'c']
  const locale = d['datlocale'] ?? d['daticulocale']
  return [
    `owner ${q(String(row!['owner']))} template template0 encoding ${literal(row!['encoding'])}`,
    `lc_collate ${literal(d['datcollate'])} lc_ctype ${literal(d['datctype'])}`,
    ...(provider === undefined ? [] : [`locale_provider ${provider} ${provider}_locale ${literal(locale)}`]),
  ].join(' ')
}

/** Copies who may connect. A database without such grants has the default rights. */
async function copyRights(query: Query, from: string, to: string): Promise<void> {
  const rights = await query(
    `select privilege_type as may, case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end as who
       from pg_database, aclexplode(datacl) where datname = $1`,
    [from],
  )
  if (rights.length > 0) await query(`revoke all on database ${q(to)} from public`)
  for (const { may, who } of rights) await query(`grant ${may} on database ${q(to)} to ${who}`)
}

/** Exchanges two databases in one transaction, without changing any setting: a lost connection leaves nothing behind. */
async function swap(url: string, { fresh, aside }: { fresh: string; aside: string }): Promise<void> {
  const name = databaseIn(url)
  const at = urlAt(url, ANOTHER)
  await withDatabase(at, async query => {
    const rows = await query('select datname from pg_database where datname in ($1, $2)', [fresh, aside])
    const there = rows.map(row => row['datname'])
    if (there.length === 0) throw gone(fresh, aside)
    if (!there.includes(fresh)) return
    let renaming = true
    const renamed = (async () => {
      await query('begin')
      await query(`alter database ${q(name)} rename to ${q(aside)}`)
      await query(`alter database ${q(fresh)} rename to ${q(name)}`)
      await query('commit')
    })().finally(() => {
      renaming = false
    })
    // Sessions are ended repeatedly while a rename waits. A waiting rename lets no new session in, so an app's pool cannot win.
    const ended = withDatabase(at, async other => {
      for (; renaming; await sleep(100)) await endSessions(other, [name, fresh])
    })
    await Promise.all([renamed, ended])
  })
}

/** Ends all sessions of databases, without autovacuum workers: they have no user, give way by themselves, and only a superuser can end them. */
const endSessions = (query: Query, databases: readonly string[]) =>
  query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = any($1) and usesysid is not null',
    [databases],
  )

const gone = (fresh: string, aside: string): Failure =>
  new Failure('restore.gone', `neither ${fresh} nor ${aside} is on the server of the database`, {
    why: 'they were deleted there, or the app was given another server since',
    fix: '`inn restore discard` forgets them; what remains on another server is deleted there by hand',
  })

const FAILOVER_MS = 120_000

/** Repeats `work` while the server is unreachable: a failover to a standby takes up to a minute. `work` may run twice. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (const end = Date.now() + FAILOVER_MS; ; await sleep(1_000)) {
    try {
      return await work()
    } catch (error) {
      const away = error instanceof Failure && error.code === 'database.unreachable'
      if (!away || Date.now() > end) throw error
    }
  }
}

/** Turns the server's errors into Failures. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    throw new Failure('restore.swap', 'a database beside that of the app could not be renamed or deleted', {
      why: error.message,
      fix: 'its role must own it, may create others, and end the sessions of others in it (grant pg_signal_backend); then again',
      cause: error,
    })
  }
}
