import { join } from 'node:path'
import {
  POOLER_LOG,
  POSTGRES_LOG,
  parseName,
  RECEIVER_LOG,
  REDIS_LOG,
  receiverName,
} from '../../apps/app/names.ts'
import type { AppStore } from '../../apps/app/store.ts'
import { unknownApp } from '../../apps/app/unknown.ts'
import type { ClusterLife, Clusters } from '../../apps/databases/cluster.ts'
import { logFolder } from '../../apps/deploys/perform-instances.ts'
import type { Home } from '../../config/home.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { LogSource } from './read.ts'

interface Ports {
  home: Home
  apps: Pick<AppStore, 'all' | 'find' | 'ports'>
  clusters: Clusters<Pick<ClusterLife, 'port'>>
  supervisor: Pick<Supervisor, 'state' | 'list'>
}

/** The log folders of an app's instances, with what the edge says of it, or of a part of the server (`inn logs keeper`). */
export async function logSources(ports: Ports, name: string): Promise<LogSource[]> {
  const app = await ports.apps.find(name)
  if (app === null) {
    if (name.includes('.') || (await ports.supervisor.state(name)) === null) {
      const names = (await ports.apps.all()).map(one => one.name)
      throw unknownApp(name, [...names, 'keeper', 'edge'], 'app or part')
    }
    return [{ folder: join(ports.home.logs, name), service: name, n: 1 }]
  }
  const { logs } = ports.home.app(name)
  const part = (service: string): LogSource => ({ folder: join(logs, service), service, n: 1 })
  const given = [...(await ports.apps.ports()).keys()].flatMap(owner => {
    const named = parseName(owner)
    if (!('app' in named) || named.app !== name) return []
    if (named.kind === 'instance')
      return [{ folder: logFolder(ports, named), service: named.service, n: named.n }]
    return [part(named.kind === 'pooler' ? POOLER_LOG : REDIS_LOG)]
  })
  const cluster = (await ports.clusters.of(name).port()) === null ? [] : [part(POSTGRES_LOG)]
  const receives = (await ports.supervisor.state(receiverName(name))) !== null
  const edge: LogSource = { folder: join(ports.home.logs, 'edge'), service: 'edge', n: 1, app: name }
  return [
    ...given,
    ...cluster,
    ...(receives ? [part(RECEIVER_LOG)] : []),
    ...(await copiesOf(ports, name)),
    edge,
  ]
}

/** The logs of the copies of an app's cluster, which go with their copy: `copy-look`. */
async function copiesOf({ home, supervisor }: Ports, app: string): Promise<LogSource[]> {
  return (await supervisor.list()).flatMap(name => {
    const named = parseName(name)
    if (named.kind !== 'copy' || named.app !== app) return []
    return [{ folder: join(home.logs, name), service: name.slice(app.length + 1), n: 1 }]
  })
}
