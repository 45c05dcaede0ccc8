import { type AppConfig, isSingleton, type ServiceConfig, serviceOf } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'
import type { Colour, RouteTable } from '../../reach/edge/edge.ts'
import { type App, type Deployment, other, type Slot } from '../app/app.ts'
import { appLock, buildLock, slotName } from '../app/names.ts'
import { holding, siteOf, tableOf, withFallback, withoutLeaving } from './routing.ts'
import { replaced, singletonSteps } from './singleton.ts'
import { isAsleep, resting } from './sleep.ts'
import type { DeployStep, Meanwhile, Move } from './step.ts'
import type { Origin } from './wire.ts'
import type { Goal, World } from './world.ts'

export interface Activation {
  kind: string
  title: string
  goal: Goal
  /** Services that move to the goal; the others stay as they are. */
  services: readonly string[]
  watchMs: number
  /** Steps of this kind of change that come first: source, build, release step. */
  before: Plan<DeployStep>['steps']
  notices: readonly string[]
  /** Where the app's source comes from, when that is new. */
  origin?: Origin | undefined
  /** Locks besides those of the app. */
  more?: readonly string[]
  /** Start new instances even where this release runs already (restart). */
  fresh?: boolean
}

/** Steps after which the release is known, so that its instances can be prepared. */
const MAKES: ReadonlySet<DeployStep['kind']> = new Set(['release.take', 'release.again'])

type Steps = Array<Plan<DeployStep>['steps'][number]>

/** Plans how a release comes to serve, for deploy, rollback, switch, restart and start. */
export function planActivation(seen: World, wanted: Activation): Plan<DeployStep> {
  const { app } = seen
  const { goal } = wanted
  const world = seen.table === null ? seen : { ...seen, table: withoutLeaving(seen.table, wanted.services) }
  const moves = wanted.services.map(service => moveOf(world, goal, service, wanted.fresh ?? false))
  const assigned = assignSlots(world, goal.config, moves)
  const table = tableOf(world, goal, moves, assigned)
  const site = siteOf(app, goal.config)
  const steps: Steps = [
    ...waking(world, wanted),
    ...wanted.before.filter(step => step.does.kind !== 'slots.reserve'),
  ]
  const reserve: DeployStep = {
    kind: 'slots.reserve',
    app: app.name,
    release: goal.release,
    slots: assigned.filter(slot => !runs(world, slot, goal.release)),
  }
  if (reserve.slots.length > 0)
    steps.splice(steps.findIndex(s => MAKES.has(s.does.kind)) + 1, 0, { does: reserve, undo: null })
  steps.push(
    ...startSteps(world, goal, assigned, { fresh: wanted.fresh ?? false, left: seen.table !== world.table }),
  )
  if (JSON.stringify(site) !== JSON.stringify(world.site)) {
    steps.push({
      does: { kind: 'edge.site', app: app.name, site },
      undo: world.site
        ? { kind: 'edge.site', app: app.name, site: world.site }
        : { kind: 'edge.close', app: app.name },
    })
  }
  steps.push(...singletonSteps(world, goal, moves, assigned))
  steps.push(...switchSteps(world, wanted, moves, assigned, table))
  return {
    kind: wanted.kind,
    title: wanted.title,
    app: app.name,
    release: goal.release,
    locks: [appLock(app.name), buildLock(app.name), ...(wanted.more ?? [])],
    steps,
    cleanup: cleanupSteps(world, goal.config, moves),
    notices: wanted.notices,
  }
}

/** The servers of an app that sleeps. What makes a release provides them by itself. */
function waking(world: World, { before, goal }: Activation): Steps {
  const servers =
    isAsleep(world) && !before.some(({ does }) => MAKES.has(does.kind)) ? resting(goal.config) : []
  return servers.length === 0
    ? []
    : [{ does: { kind: 'servers.start', app: world.app.name, servers }, undo: null }]
}

function moveOf(world: World, goal: Goal, service: string, fresh: boolean): Move {
  const from = world.app.live[service] ?? null
  const colour = nextColour(world, goal, from, fresh)
  return { service, from, to: { release: goal.release, colour } }
}

/** The colour that a service moves to: usually the other one, or the same one when exactly this release stands there already. */
function nextColour(world: World, goal: Goal, from: Deployment | null, fresh: boolean): Colour {
  if (from === null) return 'blue'
  const here = from.release === goal.release && world.app.state === 'stopped' && !fresh
  return here ? from.colour : other(from.colour)
}

export const instancesOf = (app: App, service: ServiceConfig): number =>
  service.kind === 'static' ? 0 : service.singleton ? 1 : (app.scale[service.name] ?? service.instances)

/** Instances of the moving services. Each gets the port that it had, or the next free one. */
function assignSlots(world: World, config: AppConfig, moves: readonly Move[]): Slot[] {
  const free = [...world.free]
  return moves.flatMap(move => {
    const service = serviceOf(config, move.service)
    return Array.from({ length: instancesOf(world.app, service) }, (_, i) => {
      const key = { app: world.app.name, service: move.service, colour: move.to.colour, n: i + 1 }
      return { ...key, port: world.ports[slotName(key)] ?? free.shift()! }
    })
  })
}

const runs = (world: World, slot: Slot, release: string): boolean =>
  world.running.some(r => slotName(r) === slotName(slot) && r.release === release)

interface Start {
  fresh: boolean
  /** Whether clients may still go to the side that is stopped. */
  left: boolean
}

/** Stops what is warm in the new colour, then starts the instances that are no singletons and waits until they are ready. */
function startSteps(world: World, goal: Goal, assigned: readonly Slot[], { fresh, left }: Start): Steps {
  const app = world.app.name
  const steps: Steps = []
  const plain = assigned.filter(slot => !isSingleton(goal.config, slot.service))
  const colours = new Set(assigned.map(slot => `${slot.service}.${slot.colour}`))
  const inTheWay = world.running.filter(
    r =>
      colours.has(`${r.service}.${r.colour}`) &&
      (r.release !== goal.release || fresh || !assigned.some(s => slotName(s) === slotName(r))),
  )
  if (inTheWay.length > 0) {
    const old: Slot[] = inTheWay.map(({ release: _, ...slot }) => slot)
    steps.push({ does: { kind: 'instances.drain', app, slots: old }, undo: null })
    if (left) {
      const says = 'send clients of the earlier release to the one that serves'
      steps.push({ does: { kind: 'edge.route', app, table: world.table!, says }, undo: null })
    }
    steps.push({
      does: { kind: 'instances.stop', app, slots: old, why: 'an earlier release, kept warm until now' },
      undo: null,
    })
  }
  const toStart = plain.filter(slot => fresh || !runs(world, slot, goal.release))
  const stopAgain: DeployStep = { kind: 'instances.stop', app, slots: toStart, why: '' }
  if (toStart.length > 0)
    steps.push({
      does: { kind: 'instances.start', app, release: goal.release, slots: toStart },
      undo: stopAgain,
    })
  if (plain.length > 0)
    steps.push({
      does: { kind: 'instances.ready', app, release: goal.release, slots: plain, ...served(world) },
      undo: null,
    })
  return steps
}

/** The first deploy and a start of the whole app have nothing that serves meanwhile. */
const served = ({ app, table }: World): { meanwhile?: Meanwhile } =>
  app.state === 'running' && table !== null ? { meanwhile: 'served' } : {}

function switchSteps(
  world: World,
  wanted: Activation,
  moves: readonly Move[],
  assigned: readonly Slot[],
  table: RouteTable,
): Steps {
  const app = world.app.name
  const { goal, watchMs } = wanted
  const says = `switch ${list(moves.map(m => `${m.service} to ${m.to.colour}`))}`
  const watched = watchMs > 0 ? withFallback(table, world.table, goal.config) : table
  const before: DeployStep | null = {
    kind: 'edge.route',
    app,
    // Undo starts the old singletons after this step, so their requests wait until then.
    table: holding(world.table ?? { routes: [], services: {} }, replaced(world, goal.config, moves)),
    says: 'switch back',
  }
  const steps: Steps = [
    { does: { kind: 'edge.route', app, table: watched, says }, undo: before },
    {
      does: { kind: 'edge.probe', app, release: goal.release, port: world.app.port, moves, table },
      undo: null,
    },
  ]
  if (watchMs > 0)
    steps.push({
      does: { kind: 'edge.watch', app, release: goal.release, ms: watchMs, moves, slots: assigned },
      undo: null,
    })
  if (watched !== table)
    steps.push({ does: { kind: 'edge.route', app, table, says: `${goal.release} stands alone` }, undo: null })
  const live = {
    ...pick(world.app.live, goal.config),
    ...Object.fromEntries(moves.map(m => [m.service, m.to])),
  }
  const warm = {
    ...pick(world.app.warm, goal.config),
    ...Object.fromEntries(
      moves.flatMap(m => (m.from && m.from.release !== goal.release ? [[m.service, m.from]] : [])),
    ),
  }
  const was = { live: world.app.live, warm: world.app.warm, state: world.app.state }
  steps.push({
    does: {
      kind: 'app.live',
      app,
      live,
      warm,
      state: 'running',
      says: `${goal.release} is live`,
      ...(wanted.origin === undefined ? {} : { origin: wanted.origin }),
    },
    undo: { kind: 'app.live', app, ...was, says: 'the release before is live' },
  })
  return steps
}

/** The deployments of services that the configuration still names. */
const pick = (deployments: App['live'], config: AppConfig): App['live'] =>
  Object.fromEntries(
    Object.entries(deployments).filter(([service]) => config.services.some(s => s.name === service)),
  )

/** Steps past the point of no return: workers of the old side stop, the rest stays warm. */
function cleanupSteps(world: World, config: AppConfig, moves: readonly Move[]): DeployStep[] {
  const app = world.app.name
  const known = (name: string) => config.services.find(s => s.name === name)
  const left = moves.filter(m => m.from !== null && m.from.colour !== m.to.colour)
  const ofOldSide = (m: Move) =>
    world.running
      .filter(r => r.service === m.service && r.colour === m.from!.colour)
      .map(({ release: _, ...slot }): Slot => slot)
  const workers = left
    .filter(m => known(m.service)?.kind === 'worker' && !known(m.service)!.singleton)
    .flatMap(ofOldSide)
  const gone = world.running
    .filter(r => known(r.service) === undefined)
    .map(({ release: _, ...slot }): Slot => slot)
  const warm = left.filter(
    m => known(m.service)?.kind === 'web' && !known(m.service)!.singleton && ofOldSide(m).length > 0,
  )
  const settled = world.retiring.filter(r =>
    moves.some(m => m.service === r.service && m.to.colour === r.colour),
  )
  const steps: DeployStep[] = []
  if (settled.length > 0)
    steps.push({
      kind: 'old.settle',
      app,
      items: settled.map(({ service, colour }) => ({ service, colour })),
    })
  if (workers.length > 0)
    steps.push({ kind: 'instances.stop', app, slots: workers, why: 'the new side works now' })
  if (gone.length > 0)
    steps.push({ kind: 'instances.stop', app, slots: gone, why: 'the file names them no more' })
  if (warm.length > 0) {
    const drainMs = Object.fromEntries(warm.map(m => [m.service, known(m.service)!.drain]))
    steps.push({ kind: 'old.keep', app, moves: warm, warmMs: config.warm, drainMs })
  }
  steps.push({ kind: 'releases.prune', app, keep: config.keep })
  return steps
}
