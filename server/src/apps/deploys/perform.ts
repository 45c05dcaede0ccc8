import { join } from 'node:path'
import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe } from '../../kernel/failure.ts'
import { closing } from '../../reach/edge/edge.ts'
import { REDIS_LOG, redisName } from '../app/names.ts'
import { accessOf, PASSWORDS } from '../databases/access.ts'
import * as edge from './perform-edge.ts'
import { makeHome, tidyTemporary } from './perform-home.ts'
import * as instances from './perform-instances.ts'
import { migrateRelease } from './perform-migrate.ts'
import * as releases from './perform-release.ts'
import { removeApp } from './perform-remove.ts'
import type { DeployPorts } from './ports.ts'
import type { DeployStep } from './step.ts'

/** What each kind of step does; a missing one does not compile. */
export function deployPerformer(ports: DeployPorts): Perform<DeployStep> {
  const { apps } = ports
  const performers: Performers<DeployStep> = {
    'release.take': (s, c) => releases.take(ports, s, c),
    'release.drop': s => releases.drop(ports, s),
    'secrets.keep': s => apps.takeUp(s.app, s.given),
    'secrets.back': s => apps.giveBack(s.app, s.given),
    'release.build': (s, c) => releases.buildService(ports, s, c),
    'release.migrate': (s, c) => migrateRelease(ports, s, c),
    'release.finish': s => releases.finish(ports, s),
    'releases.prune': async (s, c) => {
      await tidyTemporary(ports, s.app, c.signal)
      return releases.prune(ports, s)
    },
    'slots.reserve': async s => {
      await releases.givePorts(ports, s)
      await instances.define(ports, s.slots, s.release)
    },
    'database.provide': (s, c) => provideDatabase(ports, s, c),
    'database.stream': (s, c) => ports.receive(s, c.signal),
    // When this fails, a timer of the keeper tries it again and an alarm says so; the undo goes on.
    'database.stream-back': s => ports.receiveAsAsked(s.app).catch(error => describe(error).what),
    'database.point': async s => {
      await ports.mark(s)
      return `inn restore ${s.app} --point ${s.point} returns to it`
    },
    'redis.provide': s => provideRedis(ports, s),
    'instances.drain': (s, c) => instances.drain(ports, s, c),
    'instances.start': s => instances.start(ports, s),
    'instances.stop': s => instances.stop(ports, s),
    'instances.ready': (s, c) => instances.ready(ports, s, c),
    'edge.site': (s, c) => edge.site(ports, s, c),
    'edge.close': async s => void (await ports.edge.configure(closing(s.app))),
    'edge.route': s => ports.edge.route(s.app, s.table),
    'edge.probe': s => edge.probeEdge(ports, s),
    'edge.watch': (s, c) => edge.watch(ports, s, c),
    'app.live': s => apps.setLive(s.app, s),
    'app.scale': s => apps.setScale(s.app, s.scale),
    'app.remove': s => removeApp(ports, s),
    'old.keep': s => keepOld(ports, s),
    'old.settle': s => apps.settle(s.app, s.items),
  }
  return performing(performers)
}

async function provideDatabase(
  ports: DeployPorts,
  step: Extract<DeployStep, { kind: 'database.provide' }>,
  context: StepContext,
): Promise<string> {
  const cluster = ports.clusters.of(step.app)
  await cluster.ensure(context.signal)
  const access = accessOf(step.app, (await cluster.port())!, await releases.passwords(ports, step.app))
  await ports.holdPorts()
  await cluster.provide(access, step.connections)
  return `database ${access.name} on port ${access.port}, roles ${access.owner.user} and ${access.app.user}`
}

async function provideRedis(
  ports: DeployPorts,
  step: Extract<DeployStep, { kind: 'redis.provide' }>,
): Promise<string> {
  await makeHome(ports, step.app)
  const { redis: at, settings, root } = ports.home.app(step.app)
  const account = await ports.account(step.app)
  const secrets = await releases.passwords(ports, step.app)
  const name = redisName(step.app)
  await ports.apps.givePort(name, step.port)
  await ports.holdPorts()
  await ports.files.give(at, account, 0o700)
  const conf = join(settings, 'redis.conf')
  const lines = [
    'bind 127.0.0.1',
    `port ${step.port}`,
    `requirepass ${secrets[PASSWORDS.redis]}`,
    `dir ${at}`,
    'appendonly yes',
    'daemonize no',
    'logfile ""',
  ]
  await ports.files.write(conf, `${lines.join('\n')}\n`, 0o600)
  await ports.files.own(conf, account)
  await ports.supervisor.define({
    name,
    argv: ['redis-server', conf],
    cwd: at,
    env: { LANG: 'C.UTF-8' },
    user: null,
    confinement: await ports.confined(step.app, { inside: root, name }),
    log: join(ports.home.app(step.app).logs, REDIS_LOG),
    tag: '-',
    graceSeconds: 30,
  })
  await ports.supervisor.start(name)
  const until = ports.clock.now() + 15_000
  for (;;) {
    try {
      await ports.probe.tcp(step.port, 1_000)
      break
    } catch (error) {
      if (ports.clock.now() > until) throw error
      await ports.clock.sleep(50)
    }
  }
  return `on port ${step.port}`
}

async function keepOld(ports: DeployPorts, step: Extract<DeployStep, { kind: 'old.keep' }>): Promise<void> {
  const now = ports.clock.now()
  const items = step.moves.flatMap(move => (move.from === null ? [] : [{ move, from: move.from }]))
  await ports.apps.retire(
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
