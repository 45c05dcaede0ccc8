import { accessOf } from '../../apps/databases/access.ts'
import type { DatabaseAccess } from '../../apps/databases/cluster.ts'
import { givenUrl } from '../backups/perform-parts.ts'
import { onCluster } from './on-cluster.ts'
import { onUrl } from './on-url.ts'
import type { RestorePorts } from './ports.ts'
import type { Target } from './target.ts'

/** Where the app's database is: on our cluster, as its owner; or at a url, with the rights of the role in it. */
export async function targetOf(
  ports: RestorePorts,
  { app, url }: { app: string; url?: true },
): Promise<Target> {
  return url ? onUrl(ports, await givenUrl(ports, app)) : onCluster(ports, await ownOf(ports, app))
}

/** The app's own database on the cluster. */
export async function ownOf(ports: RestorePorts, app: string): Promise<DatabaseAccess> {
  return accessOf(app, (await ports.cluster.port())!, await ports.apps.secrets(app))
}
