import { compareApps } from '../../config/app-key.ts'
import type { Store } from '../../db/db.ts'
import type { Colour } from '../../reach/edge/edge.ts'
import type { App, Deployment } from './app.ts'
import { ownerOf } from './names.ts'
import { secretStore } from './secrets.ts'
import { unknownApp } from './unknown.ts'

export type AppStore = ReturnType<typeof appStore>

export interface Retirement extends Deployment {
  app: string
  service: string
  since: number
  warmUntil: number
  drainUntil: number
}

/** Apps, with their secrets, their ports and their retirements. */
export function appStore(store: Store, now: () => number) {
  const { sql } = store
  const ofSecrets = secretStore(store, now)
  return {
    ...ofSecrets,
    ...portStore(store),
    ...retirementStore(store),

    async all(): Promise<App[]> {
      return (await sql.selectFrom('app').selectAll().execute())
        .map(toApp)
        .sort((a, b) => compareApps(a.name, b.name))
    },

    async find(name: string): Promise<App | null> {
      const row = await sql.selectFrom('app').selectAll().where('name', '=', name).executeTakeFirst()
      return row === undefined ? null : toApp(row)
    },

    /** Failure `app.unknown`. */
    async get(name: string): Promise<App> {
      const found = await this.find(name)
      if (found !== null) return found
      throw unknownApp(
        name,
        (await this.all()).map(app => app.name),
      )
    },

    /** Creates the app at its first deploy; does nothing when it exists. */
    async create(name: string, port: number): Promise<void> {
      const empty = { live: '{}', warm: '{}', scale: '{}' }
      await sql
        .insertInto('app')
        .values({ name, port, state: 'new', created_at: now(), ...empty })
        .onConflict(c => c.doNothing())
        .execute()
    },

    /** What was said of where the app's source comes from, as it was kept; null: nothing yet. */
    async origin(name: string): Promise<unknown> {
      const found = await sql.selectFrom('app').select('origin').where('name', '=', name).executeTakeFirst()
      return JSON.parse(found?.origin ?? 'null') as unknown
    },

    async setOrigin(name: string, origin: object): Promise<void> {
      await sql
        .updateTable('app')
        .set({ origin: JSON.stringify(origin) })
        .where('name', '=', name)
        .execute()
    },

    async setLive(name: string, to: Pick<App, 'live' | 'warm' | 'state'>): Promise<void> {
      const values = { live: JSON.stringify(to.live), warm: JSON.stringify(to.warm), state: to.state }
      await sql.updateTable('app').set(values).where('name', '=', name).execute()
    },

    /** Forgets the app, its ports and its retirements. `secrets`: also its secrets. */
    async remove(name: string, { secrets }: { secrets: boolean }): Promise<void> {
      await sql.deleteFrom('retirement').where('app', '=', name).execute()
      const given = await sql.selectFrom('port').select('owner').execute()
      const own = given.map(({ owner }) => owner).filter(owner => ownerOf(owner) === name)
      await sql.deleteFrom('port').where('owner', 'in', own).execute()
      if (secrets) await ofSecrets.removeSecrets(name)
      await sql.deleteFrom('app').where('name', '=', name).execute()
    },

    async setScale(name: string, scale: App['scale']): Promise<void> {
      await sql
        .updateTable('app')
        .set({ scale: JSON.stringify(scale) })
        .where('name', '=', name)
        .execute()
    },
  }
}

function portStore({ sql }: Store) {
  return {
    /** Owner → port that was given out. The owner of an instance's port is the name of its slot. */
    async ports(): Promise<Map<string, number>> {
      return new Map((await sql.selectFrom('port').selectAll().execute()).map(row => [row.owner, row.port]))
    },

    async givePort(owner: string, port: number): Promise<void> {
      await sql
        .insertInto('port')
        .values({ owner, port })
        .onConflict(c => c.column('owner').doUpdateSet({ port }))
        .execute()
    },
  }
}

/** Retirements: old colours that wait to be stopped. */
function retirementStore({ sql }: Store) {
  return {
    async retire(items: readonly Retirement[]): Promise<void> {
      for (const r of items) {
        const row = { release: r.release, since: r.since, warm_until: r.warmUntil, drain_until: r.drainUntil }
        await sql
          .insertInto('retirement')
          .values({ app: r.app, service: r.service, colour: r.colour, ...row })
          .onConflict(c => c.columns(['app', 'service', 'colour']).doUpdateSet(row))
          .execute()
      }
    },

    async retirements(app?: string): Promise<Retirement[]> {
      const all = sql.selectFrom('retirement').selectAll()
      const rows = await (app === undefined ? all : all.where('app', '=', app)).execute()
      return rows.map(r => ({
        app: r.app,
        service: r.service,
        colour: r.colour as Colour,
        release: r.release,
        since: r.since,
        warmUntil: r.warm_until,
        drainUntil: r.drain_until,
      }))
    },

    /** Removes retirements: these colours were stopped, or serve again. */
    async settle(app: string, items: ReadonlyArray<{ service: string; colour: Colour }>): Promise<void> {
      for (const { service, colour } of items) {
        await sql
          .deleteFrom('retirement')
          .where('app', '=', app)
          .where('service', '=', service)
          .where('colour', '=', colour)
          .execute()
      }
    },
  }
}

function toApp(row: {
  name: string
  port: number
  state: App['state']
  live: string
  warm: string
  scale: string
}): App {
  return {
    name: row.name,
    port: row.port,
    state: row.state,
    live: JSON.parse(row.live) as Record<string, Deployment>,
    warm: JSON.parse(row.warm) as Record<string, Deployment>,
    scale: JSON.parse(row.scale) as Record<string, number>,
  }
}
