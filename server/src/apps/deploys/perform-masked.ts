import type { StepContext } from '../../engine/run.ts'
import type { Awake } from '../app/awake.ts'
import type { AppStore } from '../app/store.ts'
import type { AppDatabase, ClusterLife, Clusters } from '../databases/cluster.ts'
import { type CopyPorts, copyMasked, type Side } from '../masks/perform.ts'
import { type Managed, managed } from './perform-provide.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

type Ports = CopyPorts & {
  apps: Pick<AppStore, 'secrets'>
  awake: Pick<Awake, 'during'>
  clusters: Clusters<Managed & Pick<ClusterLife, 'place'> & AppDatabase>
}

/** Fills the new database of a preview from that of another environment. */
export async function fillMasked(
  ports: Ports,
  { app, from, connections, mask }: Of<'database.copy-masked'>,
  { signal, say }: StepContext,
): Promise<string> {
  const side = async (of: string): Promise<Side> => ({
    cluster: ports.clusters.of(of),
    access: await managed(ports, { app: of }, await ports.apps.secrets(of)),
  })
  return ports.awake.during(from, async () =>
    copyMasked(ports, { from: await side(from), to: await side(app), connections, mask, signal, say }),
  )
}
