import { backups } from '../../config/backups.ts'
import { GUARD } from '../../config/guard.ts'
import { rebuild, restart } from '../../config/schema.ts'
import { TLS } from '../../config/tls.ts'
import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Release, ReleaseEnv } from './release.ts'

export type ReleaseStore = ReturnType<typeof releaseStore>

type Row = Tables['release']

/** The store of releases. The environment is read separately, because it holds secrets. */
export const releaseStore = (store: Store, now: () => number) => ({ ...reads(store), ...writes(store, now) })

function reads({ sql, cipher }: Store) {
  const one = (app: string, id: string) =>
    sql.selectFrom('release').selectAll().where('app', '=', app).where('id', '=', id)

  return {
    async list(app: string): Promise<Release[]> {
      const rows = await sql
        .selectFrom('release')
        .selectAll()
        .where('app', '=', app)
        .orderBy('number', 'desc')
        .execute()
      return rows.map(toRelease)
    },

    /** The ids of those whose files are there; they are asked for every second. */
    async ready(app: string): Promise<string[]> {
      const ready = sql.selectFrom('release').select('id').where('app', '=', app).where('state', '=', 'ready')
      return (await ready.execute()).map(row => row.id)
    },

    /** Sources of all apps' releases that are being built, or whose files are there. */
    async sources(): Promise<Set<string>> {
      const kept = sql.selectFrom('release').select('source').where('state', 'in', ['ready', 'building'])
      return new Set((await kept.execute()).map(row => row.source))
    },

    async find(app: string, id: string): Promise<Release | null> {
      const row = await one(app, id).executeTakeFirst()
      return row === undefined ? null : toRelease(row)
    },

    async get(app: string, id: string): Promise<Release> {
      const row = await one(app, id).executeTakeFirst()
      if (row !== undefined) return toRelease(row)
      throw new Failure('release.unknown', `${app} has no release ${id}`, {
        why: 'it was never made, or was mistyped',
        fix: `\`inn releases ${app}\``,
      })
    },

    async env(app: string, id: string): Promise<ReleaseEnv> {
      const row = await one(app, id).executeTakeFirstOrThrow()
      return JSON.parse(await cipher.decrypt(row.env)) as ReleaseEnv
    },

    /** When its first release was made, in milliseconds since 1970. */
    async firstAt(app: string): Promise<number> {
      const first = sql.selectFrom('release').select('created_at').where('app', '=', app).orderBy('number')
      return (await first.limit(1).executeTakeFirstOrThrow()).created_at
    },

    async nextNumber(app: string): Promise<number> {
      const row = await sql
        .selectFrom('release')
        .select(e => e.fn.max('number').as('last'))
        .where('app', '=', app)
        .executeTakeFirst()
      return Number(row?.last ?? 0) + 1
    },
  }
}

function writes({ sql, cipher }: Store, now: () => number) {
  return {
    /** Stores the release; a second call with the same id replaces it. */
    async put(release: Release, env: ReleaseEnv): Promise<void> {
      const row = toRow(release, await cipher.encrypt(JSON.stringify(env)), now())
      await sql
        .insertInto('release')
        .values(row)
        .onConflict(c => c.columns(['app', 'id']).doUpdateSet(row))
        .execute()
    },

    async set(
      app: string,
      id: string,
      change: { state?: Release['state']; migrations?: readonly string[]; sizeBytes?: number },
    ): Promise<void> {
      const { state, migrations, sizeBytes } = change
      const values = {
        ...(state === undefined ? {} : { state }),
        ...(migrations === undefined ? {} : { migrations: JSON.stringify(migrations) }),
        ...(sizeBytes === undefined ? {} : { size_bytes: sizeBytes }),
      }
      await sql.updateTable('release').set(values).where('app', '=', app).where('id', '=', id).execute()
    },

    async removeAll(app: string): Promise<void> {
      await sql.deleteFrom('release').where('app', '=', app).execute()
    },
  }
}

const toRow = (release: Release, env: string, now: number): Row => ({
  app: release.app,
  id: release.id,
  number: release.number,
  state: release.state,
  actor: release.actor,
  source: release.source,
  commit_line: release.commit,
  spec: JSON.stringify({
    config: release.config,
    artifacts: release.artifacts,
    left: release.left,
    previous: release.previous,
    branch: release.branch,
  }),
  env,
  migrations: JSON.stringify(release.migrations),
  size_bytes: release.sizeBytes,
  build_key: release.buildKey,
  created_at: now,
})

/** Defaults of later keys. Releases are read every second, so these are parsed once. */
const BACKUPS = backups.parse({})
const RESTART = restart.parse({})
const REBUILD = rebuild.parse({})

const tlsOf = (tls: Release['config']['tls']): Release['config']['tls'] =>
  tls === false ? false : { ...tls, modern: tls.modern ?? false }

function toRelease(row: Row): Release {
  const spec = JSON.parse(row.spec) as Pick<Release, 'config' | 'artifacts'> &
    Partial<Pick<Release, 'left' | 'previous' | 'branch'>>
  return {
    app: row.app,
    id: row.id,
    number: row.number,
    state: row.state,
    actor: row.actor,
    source: row.source,
    commit: row.commit_line,
    // Adds the keys that did not exist yet when this release was made.
    config: {
      ...GUARD,
      ...spec.config,
      probes: spec.config.probes ?? {},
      checkins: spec.config.checkins ?? {},
      services: spec.config.services.map(service => ({ ...service, restart: service.restart ?? RESTART })),
      backups: { ...BACKUPS, ...spec.config.backups },
      rebuild: spec.config.rebuild ?? REBUILD,
      seed: spec.config.seed ?? null,
      sleep: spec.config.sleep ?? false,
      preview: spec.config.preview ?? null,
      tls: tlsOf(spec.config.tls ?? TLS),
    },
    artifacts: spec.artifacts,
    left: spec.left ?? {},
    previous: spec.previous ?? {},
    branch: spec.branch ?? null,
    migrations: JSON.parse(row.migrations) as string[],
    sizeBytes: row.size_bytes,
    buildKey: row.build_key,
    createdAt: row.created_at,
  }
}
