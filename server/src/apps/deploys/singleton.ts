import { type AppConfig, isSingleton } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import type { RouteTable } from '../../reach/edge/edge.ts'
import type { Slot } from '../app/app.ts'
import { holding } from './routing.ts'
import type { DeployStep, Move } from './step.ts'
import type { Goal, World } from './world.ts'

type Steps = Array<Plan<DeployStep>['steps'][number]>

const oldOf = (world: World, move: Move): Slot[] =>
  world.running
    .filter(r => r.service === move.service && r.colour === move.from?.colour)
    .map(({ release: _, ...slot }) => slot)

/** Singletons whose old instance is replaced by a new one. */
export const replaced = (world: World, config: AppConfig, moves: readonly Move[]): string[] =>
  moves.filter(m => isSingleton(config, m.service) && oldOf(world, m).length > 0).map(m => m.service)

/** A singleton must not run twice: its requests wait at the edge while the old one stops and the new one starts. */
export function singletonSteps(
  world: World,
  goal: Goal,
  moves: readonly Move[],
  assigned: readonly Slot[],
): Steps {
  const app = world.app.name
  const waiting = replaced(world, goal.config, moves)
  // Requests to the first `n` singletons wait. Undo goes backwards: the old instances of those before are still stopped.
  const route = (table: RouteTable, n: number, says: string): DeployStep => {
    return { kind: 'edge.route', app, table: holding(table, waiting.slice(0, n)), says }
  }
  return moves
    .filter(move => isSingleton(goal.config, move.service))
    .flatMap(move => {
      const mine = assigned.filter(slot => slot.service === move.service)
      const old = oldOf(world, move)
      const steps: Steps = []
      const n = waiting.indexOf(move.service)
      const held = n !== -1 && world.table?.services[move.service]?.kind === 'proxy'
      if (held) {
        steps.push({
          does: route(world.table!, n + 1, `let requests to ${move.service} wait`),
          undo: route(world.table!, n, `let requests to ${move.service} through`),
        })
      }
      if (old.length > 0) {
        const { release } = move.from!
        const again: DeployStep = { kind: 'instances.start', app, release, slots: old }
        // Undo runs backwards: the old instance is started, is ready, and only then are its requests let through.
        steps.push({
          does: { kind: 'instances.drain', app, slots: old },
          undo: { kind: 'instances.ready', app, release, slots: old },
        })
        steps.push({
          does: { kind: 'instances.stop', app, slots: old, why: 'it must run once' },
          undo: again,
        })
      }
      steps.push({
        does: { kind: 'instances.start', app, release: goal.release, slots: mine },
        undo: { kind: 'instances.stop', app, slots: mine, why: '' },
      })
      const meanwhile = held ? 'held' : old.length > 0 ? 'stopped' : null
      steps.push({
        does: {
          kind: 'instances.ready',
          app,
          release: goal.release,
          slots: mine,
          ...(meanwhile && { meanwhile }),
        },
        undo: null,
      })
      return steps
    })
}
