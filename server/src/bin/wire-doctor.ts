import type { OneOffPorts } from '../apps/releases/one-off.ts'
import { withDatabase } from '../drivers/postgres/connect.ts'
import { factsOf, settingsNow } from '../drivers/postgres/doctor.ts'
import type { Needs } from '../watch/doctor/open.ts'
import { createWatch } from '../watch/doctor/watch.ts'
import type { Keeper } from './wire.ts'
import { givenDatabase } from './wire-address.ts'

/** Some fifty thousand tables and indexes. */
const OF_CATALOGS = { timeoutMs: 60_000, mostBytes: 32 * 1024 ** 2 }

/** The database of an app as its owner sees it where Innkeeper runs it, and as the app does elsewhere. */
export function wireDoctor(
  keeper: Keeper,
  address: OneOffPorts['address'],
): Pick<Needs, 'doctor' | 'databaseWatch'> {
  const urlOf = async (app: string) =>
    (await address(app, { owner: true })) ?? (await givenDatabase(keeper, app))
  const doctor: Needs['doctor'] = {
    async facts(app) {
      const url = await urlOf(app)
      return url === null ? null : withDatabase(url, query => factsOf(query, keeper.clock.now()), OF_CATALOGS)
    },
    async tuning(app) {
      const cluster = keeper.clusters.of(app)
      if ((await cluster.port()) === null) return null
      const { sizes, settings } = await cluster.wanted()
      return { sizes, settings: await cluster.superuser(query => settingsNow(query, settings)) }
    },
    restart: (app, signal) => keeper.clusters.of(app).restart(signal),
    async vacuum(app, table, signal) {
      const url = await urlOf(app)
      // The release that was given one may have gone since it was planned.
      if (url === null) return
      signal.throwIfAborted()
      await withDatabase(url, async query => {
        const [row] = await query('select pg_backend_pid() as pid')
        const end = () =>
          void withDatabase(url, other => other('select pg_cancel_backend($1)', [row!['pid']])).catch(
            () => {},
          )
        signal.addEventListener('abort', end)
        try {
          await query(`vacuum (analyze) ${table}`)
        } catch (error) {
          signal.throwIfAborted()
          throw error
        } finally {
          signal.removeEventListener('abort', end)
        }
      })
    },
  }
  const apps = async () =>
    (await keeper.apps.all()).filter(({ state }) => state === 'running').map(({ name }) => name)
  return { doctor, databaseWatch: createWatch({ apps, facts: doctor.facts, clock: keeper.clock }) }
}
