import { closing, type Edge } from '../../reach/edge/edge.ts'
import { ownerOf } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { ClusterLife, Clusters } from '../databases/cluster.ts'
import type { Accounts, DataGuards, Machine, Records, Sockets, Trees } from './ports.ts'
import type { DeployStep } from './step.ts'

type RemovePorts = Pick<Records, 'home' | 'releases'> &
  Pick<Accounts, 'endProcesses' | 'removeAccount'> &
  Pick<Sockets, 'holdPorts'> &
  Pick<DataGuards, 'dataRemoved'> & {
    apps: Pick<AppStore, 'remove'>
    edge: Pick<Edge, 'configure' | 'forget'>
    supervisor: Pick<Machine['supervisor'], 'list' | 'remove'>
    files: Pick<Trees, 'remove'>
    clusters: Clusters<Pick<ClusterLife, 'remove'>>
  }

/** Removes an app from the server, from the outside in: first the edge closes its site, last the store forgets it. */
export async function removeApp(
  ports: RemovePorts,
  { app, data }: Extract<DeployStep, { kind: 'app.remove' }>,
): Promise<void> {
  await ports.edge.configure(closing(app))
  await ports.edge.forget(app)
  const services = (await ports.supervisor.list()).filter(name => ownerOf(name) === app)
  await Promise.all(services.map(name => ports.supervisor.remove(name)))
  // A daemon of the app that left its service could still write into the folders that are removed now.
  await ports.endProcesses(app)
  if (data) await ports.clusters.of(app).remove()
  const home = ports.home.app(app)
  const folders = data ? [home.root] : [home.releases, home.logs, home.cache, home.tmp]
  for (const folder of folders) await ports.files.remove(folder)
  await ports.releases.removeAll(app)
  if (data) await ports.dataRemoved(app)
  await ports.apps.remove(app, { secrets: data })
  await ports.holdPorts()
  if (data) await ports.removeAccount(app)
}
