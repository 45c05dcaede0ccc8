import type { Store } from '../../db/db.ts'
import type { Tables } from '../../db/schema.ts'
import { Failure } from '../../kernel/failure.ts'
import type { MissingPart, Point } from './point.ts'

type Sql = Store['sql']

export type PointStore = ReturnType<typeof pointStore>

/**
 * Restore points: which parts belong together. What a place really has is always asked of the place itself. `owner`:
 * lists only points of this app, or of the keeper (null); by default of all.
 */
export function pointStore(store: Store, now: () => number, owner?: string | null) {
  const { sql } = store
  const { version, written } = versionsOf(store)
  const reads = pointReads(sql, version, owner)
  return { ...reads, version, ...partWrites(sql, reads.get, written), ...stateWrites(sql, now, written) }
}

type Written = () => void

/** How often this process wrote points of a store. */
const WRITES = new WeakMap<Store, number>()

function versionsOf(store: Store) {
  const others = store.raw.prepare('pragma data_version')
  return {
    /** The same as long as no point changes, by this process or by another one. */
    version: (): string => `${WRITES.get(store) ?? 0} ${others.get()!['data_version']}`,
    written: (): void => void WRITES.set(store, (WRITES.get(store) ?? 0) + 1),
  }
}

function pointReads(sql: Sql, version: () => string, owner: string | null | undefined) {
  let known: { version: string; recent: Array<Omit<Point, 'manifest'>> } | null = null
  const mine = <Q extends { where(column: 'app', by: '=' | 'is', app: string | null): Q }>(query: Q): Q =>
    owner === undefined ? query : query.where('app', owner === null ? 'is' : '=', owner)
  return {
    async get(name: string): Promise<Point> {
      const row = await mine(sql.selectFrom('point').selectAll()).where('name', '=', name).executeTakeFirst()
      if (row !== undefined) return toPoint(row)
      throw new Failure(
        'point.unknown',
        `there is no restore point ${name}${owner == null ? '' : ` of ${owner}`}`,
        {
          why: 'it was never made, or was mistyped, or it was removed as too old',
          fix: '`inn backup list`',
        },
      )
    },

    /** Newest first. */
    async list(): Promise<Point[]> {
      return (await mine(sql.selectFrom('point').selectAll()).orderBy('at', 'desc').execute()).map(toPoint)
    },

    /** The newest points without their manifests. Many ask every few seconds, so they are read when one has changed. */
    async recent(): Promise<ReadonlyArray<Omit<Point, 'manifest'>>> {
      const now = version()
      if (known?.version === now) return known.recent
      const rows = await mine(sql.selectFrom('point').select(WITHOUT_MANIFEST))
        .orderBy('at', 'desc')
        .limit(200)
        .execute()
      const recent = rows.map(row => toPoint({ ...row, manifest: '{}' }))
      known = { version: now, recent }
      return recent
    },
  }
}

const WITHOUT_MANIFEST = [
  'name',
  'kind',
  'app',
  'at',
  'segment',
  'state',
  'reason',
  'releases',
  'parts',
  'ended_at',
  'places',
  'missing',
] as const

/** Writes which parts of a point are there and which are missing. */
function partWrites(sql: Sql, get: (name: string) => Promise<Point>, written: Written) {
  const set = async (name: string, values: { parts?: string; missing?: string }): Promise<void> => {
    await sql.updateTable('point').set(values).where('name', '=', name).execute()
    written()
  }

  return {
    async addPart(name: string, part: Point['parts'][number]): Promise<void> {
      const { parts, missing } = await get(name)
      // A step that runs again replaces what it did before.
      const others = parts.filter(p => !(p.of === part.of && p.place === part.place))
      const still = missing.filter(m => !(m.of === part.of && m.place === part.place))
      await set(name, { parts: JSON.stringify([...others, part]), missing: JSON.stringify(still) })
    },

    setParts: (name: string, parts: Point['parts']): Promise<void> =>
      set(name, { parts: JSON.stringify(parts) }),

    async miss(name: string, part: MissingPart): Promise<void> {
      const { missing } = await get(name)
      const others = missing.filter(m => !(m.of === part.of && m.place === part.place))
      await set(name, { missing: JSON.stringify([...others, part]) })
    },
  }
}

/** Writes how a point begins, which moment it is, and how it ends. */
function stateWrites(sql: Sql, now: () => number, written: Written) {
  const set = async (name: string, values: Partial<Tables['point']>): Promise<void> => {
    await sql.updateTable('point').set(values).where('name', '=', name).execute()
    written()
  }
  return {
    /** Stores a point as it begins; does nothing when it is stored already. */
    async begin(
      point: Pick<Point, 'name' | 'kind' | 'app' | 'at' | 'segment' | 'state' | 'releases' | 'places'>,
    ): Promise<void> {
      await sql
        .insertInto('point')
        .values({
          ...point,
          ...EMPTY,
          places: JSON.stringify(point.places),
          releases: JSON.stringify(point.releases),
        })
        .onConflict(c => c.doNothing())
        .execute()
      written()
    },

    setMoment: (
      name: string,
      { at, segment, manifest, releases }: Pick<Point, 'at' | 'segment' | 'manifest' | 'releases'>,
    ): Promise<void> =>
      set(name, { at, segment, manifest: JSON.stringify(manifest), releases: JSON.stringify(releases) }),

    good: (name: string): Promise<void> => set(name, { state: 'good', reason: null, ended_at: now() }),

    /** Marks a point as failed. The first reason stays, because later ones are mostly its consequences. */
    async fail(name: string, reason: string): Promise<void> {
      const values = { state: 'failed', ended_at: now() } as const
      await sql
        .updateTable('point')
        .set(row => ({ ...values, reason: row.fn.coalesce('reason', row.val(reason)) }))
        .where('name', '=', name)
        .execute()
      written()
    },

    async remove(names: readonly string[]): Promise<void> {
      if (names.length > 0) await sql.deleteFrom('point').where('name', 'in', names).execute()
      written()
    },
  }
}

const EMPTY = { reason: null, parts: '[]', missing: '[]', manifest: '{}', ended_at: null }

const toPoint = (row: Tables['point']): Point => ({
  name: row.name,
  kind: row.kind,
  app: row.app,
  at: row.at,
  segment: row.segment,
  state: row.state,
  reason: row.reason,
  places: JSON.parse(row.places) as string[],
  releases: JSON.parse(row.releases) as Point['releases'],
  parts: JSON.parse(row.parts) as Point['parts'],
  missing: JSON.parse(row.missing) as Point['missing'],
  manifest: JSON.parse(row.manifest) as Point['manifest'],
  endedAt: row.ended_at,
})
