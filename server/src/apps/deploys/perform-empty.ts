import { databaseNames } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { AppDatabase, Clusters } from '../databases/cluster.ts'
import type { Query } from '../databases/migrations.ts'
import { type Managed, managed } from './perform-provide.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

interface EmptyPorts {
  apps: Pick<AppStore, 'secrets'>
  clusters: Clusters<Managed & Pick<AppDatabase, 'provide' | 'superuser'>>
}

/** Renames the database of an app, and makes an empty one with its name. The app is stopped meanwhile. */
export async function empty(ports: EmptyPorts, step: Of<'database.empty'>): Promise<void> {
  const access = await managed(ports, { app: step.app }, await ports.apps.secrets(step.app))
  const cluster = ports.clusters.of(step.app)
  await cluster.superuser(async query => {
    // An earlier try may have come this far.
    if (await exists(query, step.aside)) return
    await rename(query, access.name, step.aside)
  })
  await cluster.provide(access, step.connections)
}

/** The other way round: what was put aside serves again, and what took its place goes. Does nothing when nothing is aside. */
export async function full(ports: EmptyPorts, { app, aside }: Of<'database.full'>): Promise<void> {
  const { database } = databaseNames(app)
  await ports.clusters.of(app).superuser(async query => {
    if (!(await exists(query, aside))) return
    await query(`drop database if exists "${database}" with (force)`)
    await rename(query, aside, database)
  })
}

export async function dropAside(ports: EmptyPorts, { app, aside }: Of<'database.drop'>): Promise<void> {
  await ports.clusters
    .of(app)
    .superuser(async query => void (await query(`drop database if exists "${aside}" with (force)`)))
}

const exists = async (query: Query, name: string): Promise<boolean> =>
  (await query('select 1 from pg_database where datname = $1', [name])).length > 0

/** Nobody may be connected to what is renamed: a person with psql, or a measurement. */
async function rename(query: Query, from: string, to: string): Promise<void> {
  await query('select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1', [from])
  await query(`alter database "${from}" rename to "${to}"`)
}
