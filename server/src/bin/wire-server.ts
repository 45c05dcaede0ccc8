import { readdir } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { POSTGRES_LOG, postgresName, receiverName } from '../apps/app/names.ts'
import type { Cluster, Clusters } from '../apps/databases/cluster.ts'
import { type Home, homeAt } from '../config/home.ts'
import type { MetricsPorts } from '../config/metrics.ts'
import { watcherToken, watcherTokenFile } from '../config/watcher-token.ts'
import type { Physical } from '../data/repositories/physical.ts'
import { ageCipher } from '../drivers/age/age.ts'
import { hasIPv6 } from '../drivers/host/network.ts'
import { randomText } from '../drivers/host/random.ts'
import { packageAccount } from '../drivers/host/users.ts'
import { edgeCommand, nginxEdge } from '../drivers/nginx/nginx.ts'
import { pgbackrest } from '../drivers/pgbackrest/pgbackrest.ts'
import { portOf } from '../drivers/postgres/create.ts'
import { postgres } from '../drivers/postgres/postgres.ts'
import { prometheusAt } from '../drivers/prometheus/prometheus.ts'
import { runit } from '../drivers/runit/runit.ts'
import { treePid, wakeTree } from '../drivers/runit/runsvdir.ts'
import { perName } from '../kernel/per-name.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Supervisor } from '../servers/supervisor/supervisor.ts'
import { rulesYaml } from '../watch/metrics/rules.ts'

interface ServerSettings {
  httpPort: number | null
  httpsPort?: number | null | undefined
  proxyProtocol?: boolean | undefined
  /** The keeper's own port, which Prometheus asks. */
  apiPort?: number | undefined
  metrics?: MetricsPorts | null | undefined
  /** The passphrase that encrypts the backups. */
  passphrase?: () => Promise<Secret>
}

/** Builds the drivers of one home. Nothing is started. */
export function wireServer(root: string, settings: ServerSettings) {
  const home = homeAt(root)
  const cipher = ageCipher(home.key)
  const supervisor = runit({
    services: home.services,
    watched: home.watched,
    wake: async () => wakeTree(await treePid(root)),
    cipher,
  })
  const { proxyProtocol: proxied = false } = settings
  const six = hasIPv6() ? '[::]' : undefined
  const everywhere = (port: number | null) =>
    port === null ? null : { port, address: '0.0.0.0', six, proxied }
  const { httpPort, httpsPort = null } = settings
  const edge = nginxEdge({
    home: root,
    http: everywhere(httpPort),
    https: everywhere(httpsPort),
    keeper: settings.apiPort ?? null,
  })
  const made = clustersOf({ home, supervisor, passphrase: settings.passphrase ?? noStore })
  const { apiPort, metrics } = settings
  const prometheus =
    apiPort === undefined || metrics == null
      ? null
      : prometheusAt({
          ...{ root, folder: home.metrics, logs: home.logs, ports: metrics, api: apiPort, supervisor },
          rules: rulesYaml(),
          async token() {
            await watcherToken(home)
            return watcherTokenFile(home)
          },
        })
  return { home, cipher, supervisor, edge, ...made, prometheus, edgeCommand: edgeCommand(root) }
}

interface Parts {
  home: Home
  supervisor: Supervisor
  passphrase: () => Promise<Secret>
}

/** The cluster of each app and the engine of its physical backups, made when they are first asked for. */
function clustersOf({ home, supervisor, passphrase }: Parts) {
  const account = () => packageAccount('postgres')
  async function apps(): Promise<string[]> {
    const names = await readdir(home.postgres).catch(() => [])
    const ports = await Promise.all(names.map(name => portOf(home.cluster(name))))
    return names.filter((_, n) => ports[n] !== null).sort()
  }

  const of = perName(app => {
    const at = home.cluster(app)
    const physical = pgbackrest({
      stanza: app,
      at: join(at, 'pgbackrest'),
      account,
      cluster: () => cluster.expected(),
      passphrase,
    })
    const cluster: Cluster = postgres({
      app,
      at,
      run: home.run,
      service: postgresName(app),
      receiver: receiverName(app),
      log: join(home.app(app).logs, POSTGRES_LOG),
      supervisor,
      account,
      archiveCommand: physical.archiveCommand,
      newPassword: async () => randomText(32),
      takenPorts: async () => {
        const ports = await Promise.all((await apps()).map(name => portOf(home.cluster(name))))
        return new Set(ports.filter(port => port !== null))
      },
      sizes: async () => {
        const others = (await apps()).filter(name => name !== app)
        return { memory: totalmem(), cores: cpus().length, clusters: others.length + 1 }
      },
    })
    return { cluster, physical }
  })
  const clusters: Clusters = { of: app => of(app).cluster, apps }
  return { clusters, physicalOf: (app: string): Physical => of(app).physical }
}

/** The passphrase for `up` and `down`, which do not open the keeper's store and make no backups. */
const noStore = (): never => {
  throw new Error('the key of the backups is in the store of the keeper')
}
