import type { Cluster } from '../../apps/databases/cluster.ts'
import { inTurns } from '../../kernel/turns.ts'
import { clusterAccess } from './access.ts'
import { querying } from './connect.ts'
import { portOf } from './create.ts'
import { HEARTBEAT_DATABASE, heartbeat, mark, written } from './heartbeat.ts'
import { drop, grant, limit, provide } from './provide.ts'
import { receiving } from './receive.ts'
import { blockers } from './sessions.ts'
import { ARCHIVE_TIMEOUT_SECONDS, type Options, startCluster } from './start.ts'
import { swapping } from './swap.ts'
import { acceptsConnections, expectedPlace, presentPlace } from './where.ts'

/** The cluster, as a service of the supervisor. It listens on loopback and a unix socket, and requires scram on both. */
export function postgres(options: Options): Cluster {
  const { at } = options
  // One change after the other: two apps may both find that there is no cluster yet, and PostgreSQL refuses concurrent changes of one catalog row.
  const turn = inTurns()
  const access = clusterAccess(options)
  const { using } = access
  const accepts = () => acceptsConnections(at)
  const place = () => presentPlace(options)
  const stream = receiving({ ...options, place, using: work => using('postgres', work) })
  const pulse = heartbeat({
    connect: () => access.connect(HEARTBEAT_DATABASE),
    accepts,
    longestSegment: ARCHIVE_TIMEOUT_SECONDS * 1000,
  })
  return {
    ensure: signal => turn(() => startCluster(options, access, signal)),
    port: () => portOf(at),
    accepts,
    place,
    expected: () => expectedPlace(options),

    provide: (app, connections) => turn(() => provide(access, app, connections)),
    grant: app => turn(() => grant(access, app)),
    limits: (app, limits) => limit(access, app, limits),
    blockers: database => using('postgres', client => blockers(client, database)),
    owner: access.owner,
    drop: app => turn(() => drop(access, app)),

    ...swapping((work, database = 'postgres') => turn(() => using(database, work))),
    superuser: work => using('postgres', client => work(querying(client))),

    beat: () => pulse.beat(),
    mark: name => using('postgres', client => mark(client, name)),
    written: () => using('postgres', written),
    async receive(folder, signal) {
      if (folder === null) return turn(() => stream.forget())
      const into = await turn(() => stream.define(folder))
      await stream.inStep(into, signal)
    },
    receivedAt: stream.receivedAt,
  }
}
