import { type AppConfig, serviceOf } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { RouteTable } from '../../reach/edge/edge.ts'
import { peer, type Slot } from '../app/app.ts'
import { appLock, slotName } from '../app/names.ts'
import type { Due } from '../checks/watcher.ts'
import { holding, mapTargets } from './routing.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

type Steps = Plan<DeployStep>['steps']

/** Longest wait for connections of a singleton: its requests wait at the edge meanwhile, and not for long. */
const HELD_MS = 10_000

/**
 * Plans a new process for one instance that fails or holds too much memory. Others take its requests meanwhile. When no
 * other one is well, one is started beside it first: if that one cannot become ready either, nothing changes.
 */
export function planReplace(world: World, config: AppConfig, due: Due): Plan<DeployStep> {
  const { slot, release, why, rss } = due
  const app = world.app.name
  const name = `${slot.service} ${slot.colour}.${slot.n}`
  const service = serviceOf(config, slot.service)
  const beside = besideOf(world, due, service.singleton)
  const table = tableWithout(world, due, beside, service.singleton)
  const route = (to: RouteTable, says: string): DeployStep => ({ kind: 'edge.route', app, table: to, says })
  const back = route(world.table ?? { routes: [], services: {} }, `send requests to ${name} again`)
  const ms = service.singleton ? Math.min(service.drain, HELD_MS) : service.drain
  const aside: Steps =
    table === null
      ? []
      : [
          {
            does: route(
              table,
              `${service.singleton ? 'let requests to' : 'send no requests to'} ${name}${service.singleton ? ' wait' : ''}`,
            ),
            undo: back,
          },
          // What fails is not waited for: the requests that it has in hand are repeated elsewhere when it ends.
          ...(why === 'memory'
            ? [{ does: { kind: 'instances.quiet', app, slots: [slot], ms } as const, undo: null }]
            : []),
        ]
  return {
    kind: 'replace',
    title: `replace ${name} of ${app}: ${why === 'memory' ? `it holds ${showSize(rss ?? 0)}, more than its ${showSize(service.memory ?? 0)}` : 'its health fails'}`,
    app,
    release,
    locks: [appLock(app)],
    steps: [
      ...(beside === null ? [] : besideSteps(app, release, beside)),
      ...aside,
      { does: { kind: 'instances.replace', app, release, slot, spare: why === 'failing' }, undo: null },
      ...(table === null ? [] : [{ does: back, undo: null }]),
    ],
    cleanup:
      beside === null
        ? []
        : [
            { kind: 'instances.quiet', app, slots: [beside], ms },
            { kind: 'instances.stop', app, slots: [beside], why: `${name} is back` },
          ],
    notices: [],
  }
}

/** Whether the edge asks this instance. */
function isAsked(world: World, slot: Slot): boolean {
  const target = world.table?.services[slot.service]
  return target?.kind === 'proxy' && target.peers.includes(peer(slot))
}

/** The slot of an instance that stands in for the only one that is asked; null: none is needed. */
function besideOf(world: World, { slot, alone }: Due, singleton: boolean): Slot | null {
  if (!alone || singleton || !isAsked(world, slot)) return null
  const taken = world.running.filter(r => r.service === slot.service && r.colour === slot.colour)
  const key = { ...slot, n: Math.max(...taken.map(r => r.n), slot.n) + 1 }
  return { ...key, port: world.ports[slotName(key)] ?? world.free[0]! }
}

/** The route table while the instance is replaced; null: nothing changes in it. */
function tableWithout(
  world: World,
  { slot, alone }: Due,
  beside: Slot | null,
  singleton: boolean,
): RouteTable | null {
  if (world.table === null || !isAsked(world, slot)) return null
  if (singleton) return holding(world.table, [slot.service])
  if (alone && beside === null) return null
  return mapTargets(world.table, (target, name) =>
    target.kind === 'proxy' && name === slot.service
      ? {
          ...target,
          peers: [
            ...target.peers.filter(one => one !== peer(slot)),
            ...(beside === null ? [] : [peer(beside)]),
          ],
        }
      : target,
  )
}

const besideSteps = (app: string, release: string, beside: Slot): Steps => [
  { does: { kind: 'slots.reserve', app, release, slots: [beside] }, undo: null },
  {
    does: { kind: 'instances.start', app, release, slots: [beside] },
    undo: { kind: 'instances.stop', app, slots: [beside], why: '' },
  },
  {
    does: { kind: 'instances.ready', app, release, slots: [beside], meanwhile: 'served' },
    undo: null,
  },
]
