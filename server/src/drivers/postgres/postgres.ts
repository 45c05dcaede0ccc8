import { join } from 'node:path'
import type { Cluster } from '../../apps/databases/cluster.ts'
import { LOGGING, settingsOf } from '../../apps/databases/sizing.ts'
import { inTurns } from '../../kernel/turns.ts'
import { removeTree } from '../host/files.ts'
import { clusterAccess } from './access.ts'
import { querying } from './connect.ts'
import { portOf } from './create.ts'
import { heartbeat, mark, written } from './heartbeat.ts'
import { endLost, lossOf } from './loss.ts'
import { limit, provide } from './provide.ts'
import { receiving } from './receive.ts'
import { blockers, cancelStatement, waitedFor } from './sessions.ts'
import { ARCHIVE_TIMEOUT_SECONDS, type Options, restartCluster, startCluster } from './start.ts'
import { swapFiles } from './swap.ts'
import { unarchived } from './unarchived.ts'
import { acceptsConnections, answersNow, expectedPlace, presentPlace } from './where.ts'

/** The cluster of one app, as a service of the supervisor. It listens on loopback and a unix socket, and requires scram on both. */
export function postgres(options: Options): Cluster {
  const { at } = options
  // One change after the other: a deploy and a timer may both find that it does not run.
  const turn = inTurns()
  const access = clusterAccess(options)
  const { using } = access
  const place = () => presentPlace(options)
  const stream = receiving({ ...options, place, using: work => using('postgres', work) })
  const pulse = heartbeat({
    connect: () => access.connect(),
    accepts: () => acceptsConnections(at),
    longestSegment: ARCHIVE_TIMEOUT_SECONDS * 1000,
  })
  return {
    ensure: (signal, major) => turn(() => startCluster(options, access, { signal, major })),
    port: () => portOf(at),
    accepts: () => answersNow(options),
    place,
    expected: () => expectedPlace(options),
    remove: () => turn(() => removeCluster(options)),

    async wanted() {
      const sizes = await options.sizes()
      return { sizes, settings: { ...settingsOf(sizes), ...LOGGING } }
    },
    restart: signal => turn(() => restartCluster(options, access, signal)),

    provide: (app, connections) => turn(() => provide(access, app, connections)),
    limits: (app, limits) => limit(access, app, limits),
    blockers: database => using('postgres', client => blockers(client, database)),
    waitedFor: (database, role) => using('postgres', client => waitedFor(client, { database, role })),
    cancel: (pid, role) => using('postgres', client => cancelStatement(client, { pid, role })),
    owner: access.owner,
    superuser: work => using('postgres', client => work(querying(client))),

    loss: () => lossOf(options),
    endLost: () => endLost(options),
    asidePath: name => join(at, name),
    swap: names => turn(() => swapFiles(options, access, names)),
    unarchived: data => unarchived(options, data),
    checkpoint: () => using('postgres', async client => void (await client.query('checkpoint'))),

    beat: pulse.beat,
    watch: pulse.watch,
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

async function removeCluster({ at, supervisor, service, receiver }: Options): Promise<void> {
  for (const name of [receiver, service])
    if ((await supervisor.state(name)) !== null) await supervisor.remove(name)
  await removeTree(at)
}
