import { type Perform, type Performers, performing } from '../../engine/run.ts'
import { describe } from '../../kernel/failure.ts'
import { closing } from '../../reach/edge/edge.ts'
import { resolveDue } from '../references/resolve.ts'
import { createHolds } from './holds.ts'
import { bring, bringAhead } from './perform-bring.ts'
import * as edge from './perform-edge.ts'
import { dropAside, empty, full } from './perform-empty.ts'
import { tidyTemporary } from './perform-home.ts'
import * as instances from './perform-instances.ts'
import { fillMasked } from './perform-masked.ts'
import { migrateRelease, seed } from './perform-migrate.ts'
import { providePooler } from './perform-pooler.ts'
import { provideDatabase, provideRedis, rest, startServers } from './perform-provide.ts'
import { prune } from './perform-prune.ts'
import * as releases from './perform-release.ts'
import { removeApp } from './perform-remove.ts'
import { quiet, replace } from './perform-replace.ts'
import type { DeployPorts } from './ports.ts'
import { reuseBuild } from './reuse.ts'
import type { DeployStep } from './step.ts'

/** What each kind of step does; a missing one does not compile. */
export function deployPerformer(ports: DeployPorts): Perform<DeployStep> {
  const { apps } = ports
  const holds = createHolds(ports.clock)
  const performers: Performers<DeployStep> = {
    'release.take': (s, c) => releases.take(ports, s, c),
    'release.again': (s, c) => releases.again(ports, s, c),
    'release.drop': s => releases.drop(ports, s),
    'secrets.keep': s => apps.takeUp(s.app, s.given),
    'secrets.resolve': (s, c) => resolveDue(ports, s, c.signal),
    'secrets.back': s => apps.giveBack(s.app, s.given),
    'release.build': (s, c) => releases.buildService(ports, s, c),
    'release.reuse': s => reuseBuild(ports, s),
    'release.bring': (s, c) => bring(ports, s, c),
    'release.ahead': (s, c) => bringAhead(ports, s, c),
    'release.migrate': (s, c) => migrateRelease(ports, s, c),
    'release.seed': (s, c) => seed(ports, s, c),
    'database.empty': s => empty(ports, s),
    'database.full': s => full(ports, s),
    'database.drop': s => dropAside(ports, s),
    'release.finish': (s, c) => releases.finish(ports, s, c),
    'releases.prune': async (s, c) => {
      await tidyTemporary(ports, s.app, c.signal)
      return prune(ports, s)
    },
    // The service folders are written this early because the supervisor takes a second or more to notice new ones.
    'slots.reserve': async s => {
      await releases.givePorts(ports, s)
      await instances.define(ports, s.slots, s.release)
    },
    'database.provide': (s, c) => provideDatabase(ports, s, c),
    'database.copy-masked': (s, c) => fillMasked(ports, s, c),
    'database.stream': (s, c) => ports.receive(s, c.signal),
    // When this fails, a timer of the keeper tries it again and an alarm says so; the undo goes on.
    'database.stream-back': s => ports.receiveAsAsked(s.app).catch(error => describe(error).what),
    'database.point': async s => {
      await ports.mark(s)
      return `inn restore ${s.app} --point ${s.point} returns to it`
    },
    'redis.provide': s => provideRedis(ports, s),
    'pooler.provide': s => providePooler(ports, s),
    'servers.start': (s, c) => startServers(ports, s, c),
    'app.rest': s => rest(ports, s),
    'instances.quiet': (s, c) => quiet(ports, s, c),
    'instances.replace': (s, c) => replace(ports, s, c),
    'instances.drain': (s, c) => instances.drain(ports, s, c),
    'instances.again': async (s, c) => {
      await instances.start(ports, { ...s, kind: 'instances.start' })
      await instances.ready(ports, { ...s, kind: 'instances.ready' }, c)
    },
    'instances.start': s => instances.start(ports, s),
    'instances.stop': s => instances.stop(ports, s),
    'instances.ready': (s, c) => instances.ready({ ...ports, heldMs: holds.heldMs }, s, c),
    'edge.site': (s, c) => edge.site(ports, s, c),
    'edge.close': async s => void (await ports.edge.configure(closing(s.app))),
    'edge.route': async s => {
      await edge.route(ports, s)
      return holds.routed(s.app, s.table)
    },
    'edge.probe': s => edge.probeEdge(ports, s),
    'edge.watch': (s, c) => edge.watch(ports, s, c),
    'app.live': async s => {
      await apps.setLive(s.app, s)
      if (s.origin !== undefined) await apps.setOrigin(s.app, s.origin)
    },
    'app.scale': s => apps.setScale(s.app, s.scale),
    'app.remove': s => removeApp(ports, s),
    'old.keep': s => keepOld(ports, s),
    'old.settle': s => apps.settle(s.app, s.items),
  }
  return performing(performers)
}

async function keepOld(
  { apps, clock }: Pick<DeployPorts, 'apps' | 'clock'>,
  step: Extract<DeployStep, { kind: 'old.keep' }>,
): Promise<void> {
  const now = clock.now()
  const items = step.moves.flatMap(move => (move.from === null ? [] : [{ move, from: move.from }]))
  await apps.retire(
    items.map(({ move, from }) => ({
      app: step.app,
      service: move.service,
      ...from,
      since: now,
      warmUntil: now + step.warmMs,
      drainUntil: now + (step.drainMs[move.service] ?? 0),
    })),
  )
}
