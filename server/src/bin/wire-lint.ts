import { currentRelease } from '../apps/app/app.ts'
import { databaseNames } from '../apps/app/names.ts'
import { accessOf, PASSWORDS } from '../apps/databases/access.ts'
import { databaseUrl } from '../apps/databases/cluster.ts'
import type { Query } from '../apps/databases/migrations.ts'
import type { DeployPorts } from '../apps/deploys/ports.ts'
import { configOf } from '../apps/deploys/request.ts'
import { type LintPorts, lint } from '../apps/lint/lint.ts'
import { lintNotices, refuseBad } from '../apps/lint/notices.ts'
import type { Needs } from '../apps/lint/open.ts'
import { pendingSql } from '../apps/lint/score.ts'
import { MIGRATION_FILES, sourceOf } from '../apps/lint/source.ts'
import { useStore } from '../apps/lint/store.ts'
import { createUse } from '../apps/lint/use.ts'
import { rehearsedNotice } from '../data/rehearsals/notices.ts'
import type { RehearsalPorts } from '../data/rehearsals/perform.ts'
import { rehearsalStore } from '../data/rehearsals/store.ts'
import { sqlParser } from '../drivers/libpg-query/apart.ts'
import { withDatabase } from '../drivers/postgres/connect.ts'
import { lintFacts, openSessions, relationNames } from '../drivers/postgres/lint.ts'
import { callsOf, frequentTexts, textsOf } from '../drivers/postgres/statements.ts'
import { readApart, textsApart } from '../drivers/tar/apart.ts'
import type { Ground } from './ground.ts'
import { givenDatabase } from './wire-address.ts'

/** A plan waits for it. */
const OF_FACTS = { timeoutMs: 30_000, mostBytes: 16 * 1024 ** 2 }

/** Statements that a rehearsal asks meanwhile. */
const FREQUENT = 20

type Lint = Needs['lint']

type Seen = Pick<Ground, 'apps' | 'releases' | 'clusters' | 'clock' | 'store' | 'home'>

/** Judges migrations by the database as it is now, and by what the release that serves was seen to ask. */
export function wireLint(ground: Seen): {
  lint: Lint
  judged: DeployPorts['judged']
  rehearsed: Pick<RehearsalPorts, 'score' | 'habits'>
} {
  const { apps, clusters, clock, home } = ground
  const managed = async (app: string) => (await clusters.of(app).port()) !== null
  const use = createUse({
    ...{ store: useStore(ground.store), parser: sqlParser, clock },
    serving: async () =>
      (await apps.all()).flatMap(app => {
        const release = app.state === 'running' ? currentRelease(app) : null
        return release === null ? [] : [{ app: app.name, release }]
      }),
    async calls(app) {
      const cluster = clusters.of(app)
      if (!(await managed(app)) || !(await cluster.accepts())) return null
      return cluster.superuser(query => callsOf(query, databaseNames(app).app))
    },
    texts: (app, ids) => clusters.of(app).superuser(query => textsOf(query, ids)),
  })
  const ports: LintPorts = {
    parser: sqlParser,
    async database(app, work) {
      const url = await ownerUrl(ground, app)
      if (url === null) return null
      return withDatabase(
        url,
        async query => {
          // The table of the tool may be locked by a migration that runs.
          await query("set lock_timeout = '3s'")
          return work(query)
        },
        OF_FACTS,
      )
    },
    async facts(app, query, named) {
      const own = async (ask: Query) => openSessions(ask, await databaseOf(query))
      const sessions = (await managed(app)) ? await clusters.of(app).superuser(own) : await own(query)
      const names = await relationNames(
        query,
        sessions.flatMap(({ relations }) => relations),
      )
      return {
        ...(await lintFacts(query, named, clock.now())),
        sessions: sessions.map(({ relations, ...one }) => ({
          ...one,
          tables: relations.flatMap(id => names.get(id) ?? []),
        })),
      }
    },
    served: app => use.served(app),
  }
  const rehearsals = rehearsalStore(ground.store)
  const texts = async (upload: string) => textsApart(home.upload(upload), MIGRATION_FILES)
  const judge: Lint['judge'] = wanted => lint(ports, wanted)
  const uploaded: Lint['uploaded'] = async (app, upload) => {
    const request = { upload, plan: false } as Parameters<typeof configOf>[2]['request']
    const config = await configOf(ground, readApart, { name: app, request })
    return { config, source: sourceOf(await texts(upload)) }
  }
  return {
    lint: { tick: use.tick, judge, uploaded },
    rehearsed: {
      async score(app, upload, query) {
        const found = await pendingSql(sqlParser, await uploaded(app, upload), query)
        return found ?? { tool: '', migrations: [], code: [] }
      },
      async habits(app) {
        const role = databaseNames(app).app
        const frequent = await clusters.of(app).superuser(query => frequentTexts(query, role, FREQUENT))
        const path = await ports.database(app, async query => {
          const [row] = await query('select pg_catalog.current_schemas(false)::text[] as path')
          return row!['path'] as string[]
        })
        return { frequent: frequent ?? [], path: path ?? ['public'] }
      },
    },
    async judged({ app, config, upload, tree, warn }) {
      const said = config.migrations === false ? undefined : config.migrations?.lint
      if (said === 'off' || (upload === null && tree === null)) return []
      const source = tree ?? sourceOf(await texts(upload!))
      const found = await judge({ app, config, source })
      if (found === null) return []
      if (said !== 'warn' && !warn) refuseBad(found)
      const [last] = upload === null ? [] : (await rehearsals.list(app)).filter(one => one.upload === upload)
      return [...lintNotices(found), ...(last === undefined ? [] : [rehearsedNotice(last)])]
    },
  }
}

const databaseOf = async (query: Query): Promise<string> =>
  String((await query('select pg_catalog.current_database() as name'))[0]!['name'])

/** Of the app's own database as its owner; elsewhere as the app. null: it has none yet. */
async function ownerUrl(ground: Seen, app: string): Promise<string | null> {
  const port = await ground.clusters.of(app).port()
  const secrets = await ground.apps.secrets(app)
  return port !== null && secrets[PASSWORDS.owner] !== undefined
    ? databaseUrl(accessOf(app, port, secrets), 'owner')
    : givenDatabase(ground, app)
}
