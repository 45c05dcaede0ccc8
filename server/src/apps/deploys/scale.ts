import type { AppConfig } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import type { Colour, RouteTable } from '../../reach/edge/edge.ts'
import { type App, currentRelease, peer, type Slot } from '../app/app.ts'
import { appLock, backupLock, buildLock, slotName } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { mapTargets } from './routing.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

export const bare = ({ release: _, ...slot }: Slot & { release: string }): Slot => slot

/** Plans to stop an app: the edge answers 503 with a page that says so, then the instances end. */
export function planStop(world: World): Plan<DeployStep> {
  const { app, table } = world
  if (table === null || app.state !== 'running') {
    throw new Failure('stop.already', `${app.name} is not running`, {
      why: `its state is ${app.state}`,
      fix: `\`inn start ${app.name}\``,
    })
  }
  // A table without routes makes the edge answer that the app is stopped. Who is believed stays.
  const closed: RouteTable = { ...table, routes: [], services: {} }
  return {
    kind: 'stop',
    title: `stop ${app.name}`,
    app: app.name,
    release: currentRelease(app),
    locks: [appLock(app.name)],
    steps: [
      {
        does: { kind: 'edge.route', app: app.name, table: closed, says: 'answer 503: the app is stopped' },
        undo: { kind: 'edge.route', app: app.name, table, says: 'let requests through' },
      },
      {
        does: {
          kind: 'app.live',
          app: app.name,
          live: app.live,
          warm: app.warm,
          state: 'stopped',
          says: `${app.name} is stopped`,
        },
        undo: {
          kind: 'app.live',
          app: app.name,
          live: app.live,
          warm: app.warm,
          state: app.state,
          says: `${app.name} runs`,
        },
      },
    ],
    cleanup:
      world.running.length === 0
        ? []
        : [{ kind: 'instances.stop', app: app.name, slots: world.running.map(bare), why: '' }],
    notices: [],
  }
}

/** The app is stopped first, which can be undone. What is removed after that cannot be brought back. */
export function planRemove(world: World, { data }: { data: boolean }): Plan<DeployStep> {
  const { app } = world
  const stop = world.table === null || app.state !== 'running' ? null : planStop(world)
  return {
    kind: 'remove',
    title: `remove ${app.name}`,
    app: app.name,
    release: currentRelease(app),
    // A backup or a build of it would go on with what is removed.
    locks: [appLock(app.name), backupLock(app.name), buildLock(app.name)],
    steps: stop?.steps ?? [],
    cleanup: [...(stop?.cleanup ?? []), { kind: 'app.remove', app: app.name, data }],
    notices: [
      data
        ? 'its database, the files of its visitors and its secrets are deleted, and no restore point brings them back here'
        : 'its database, the files of its visitors and its secrets stay for a later deploy of the same name; --data deletes them too',
    ],
  }
}

/** Plans more or fewer instances beside those that serve. An instance is touched only when it takes no traffic. */
export function planScale(
  world: World,
  current: Release,
  wanted: Readonly<Record<string, number>>,
): Plan<DeployStep> {
  const { app } = world
  if (app.state === 'stopped') {
    throw new Failure('scale.stopped', `${app.name} is stopped`, {
      why: 'there is nothing that more instances could stand beside',
      fix: `\`inn start ${app.name}\`, then scale it`,
    })
  }
  checkScale(current.config, wanted)
  const { added, removed, table } = rearranged(world, wanted)
  const names = Object.entries(wanted)
  const says = `send requests to ${list(names.map(([service, n]) => `${count(n, 'instance')} of ${service}`))}`
  return {
    kind: 'scale',
    title: `scale ${app.name}: ${names.map(([service, n]) => `${service}=${n}`).join(', ')}`,
    app: app.name,
    release: current.id,
    locks: [appLock(app.name)],
    steps: [
      ...addSteps(app, added),
      {
        does: { kind: 'edge.route', app: app.name, table, says },
        undo: {
          kind: 'edge.route',
          app: app.name,
          table: world.table!,
          says: 'send requests where they went',
        },
      },
      {
        does: { kind: 'app.scale', app: app.name, scale: { ...app.scale, ...wanted } },
        undo: { kind: 'app.scale', app: app.name, scale: app.scale },
      },
    ],
    cleanup:
      removed.length === 0
        ? []
        : [
            { kind: 'instances.drain', app: app.name, slots: removed },
            { kind: 'instances.stop', app: app.name, slots: removed, why: 'scaled down' },
          ],
    notices: [],
  }
}

/** Which instances start and stop, in the colours that serve, and the route table after that. */
function rearranged(world: World, wanted: Readonly<Record<string, number>>) {
  const { app } = world
  const free = [...world.free]
  const now = Object.entries(wanted).flatMap(([service, n]) =>
    Array.from({ length: n }, (_, i): Slot => {
      const key = { app: app.name, service, colour: app.live[service]!.colour, n: i + 1 }
      return { ...key, port: world.ports[slotName(key)] ?? free.shift()! }
    }),
  )
  const runs = (slot: Slot) => world.running.some(r => slotName(r) === slotName(slot))
  const tooMany = (r: Slot) =>
    wanted[r.service] !== undefined && r.colour === app.live[r.service]!.colour && r.n > wanted[r.service]!
  const table = mapTargets(world.table!, (target, name) =>
    target.kind === 'proxy' && wanted[name] !== undefined
      ? { ...target, peers: now.filter(s => s.service === name).map(peer) }
      : target,
  )
  return { added: now.filter(slot => !runs(slot)), removed: world.running.filter(tooMany).map(bare), table }
}

/** Each instance gets the release of its service; after a partial deploy services have different releases. */
function addSteps({ name: app, live }: App, added: readonly Slot[]): Plan<DeployStep>['steps'] {
  const releases = [...new Set(added.map(slot => live[slot.service]!.release))]
  return releases.flatMap(release => {
    const slots = added.filter(slot => live[slot.service]!.release === release)
    return [
      { does: { kind: 'slots.reserve', app, release, slots }, undo: null },
      {
        does: { kind: 'instances.start', app, release, slots },
        undo: { kind: 'instances.stop', app, slots, why: '' },
      },
      { does: { kind: 'instances.ready', app, release, slots, meanwhile: 'served' }, undo: null },
    ]
  })
}

function checkScale(config: AppConfig, wanted: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(wanted)) {
    const service = config.services.find(s => s.name === name)
    const why =
      service === undefined
        ? `the app has ${list(config.services.map(s => s.name))}`
        : service.kind === 'static'
          ? 'it is files that the edge serves; there is nothing to scale'
          : service.singleton && n > 1
            ? 'it is a singleton: two would fight'
            : n < 1
              ? 'it would answer nothing; `inn stop` ends the whole app'
              : null
    if (why !== null)
      throw new Failure('scale.refused', `${name} cannot be scaled to ${n}`, {
        why,
        fix: '`inn status` shows services and instances',
      })
  }
}

/** Stops old instances that were kept warm long enough, and whose connections have ended or had their drain time. */
export function planRetire(
  world: World,
  due: ReadonlyArray<{ service: string; colour: Colour; release: string }>,
): Plan<DeployStep> {
  const slots = world.running
    .filter(r => due.some(d => d.service === r.service && d.colour === r.colour && d.release === r.release))
    .map(bare)
  const app = world.app.name
  return {
    kind: 'retire',
    title: `stop what was kept warm of ${app}`,
    app,
    release: due[0]?.release ?? null,
    locks: [appLock(app)],
    steps: [],
    cleanup: [
      ...(slots.length > 0
        ? [{ kind: 'instances.stop', app, slots, why: 'kept warm long enough' } as const]
        : []),
      { kind: 'old.settle', app, items: due.map(({ service, colour }) => ({ service, colour })) },
    ],
    notices: [],
  }
}
