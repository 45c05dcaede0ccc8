import type { Plan } from '../../engine/plan.ts'
import type { Slot } from '../app/app.ts'
import type { Release } from '../releases/release.ts'
import { planStop } from './scale.ts'
import { planStart } from './start.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

type Pairs = Array<Plan<DeployStep>['steps'][number]>

const slotsOf = (running: World['running']): Slot[] => running.map(({ release: _, ...slot }) => slot)

/** Stops the app. Undo runs backwards: the instances run again before the edge lets requests through. */
export function stopped(world: World, current: Release): Pairs {
  const app = world.app.name
  // After a partial deploy, each instance starts again with the release that it ran.
  const lives = ({ service, colour }: Slot) => world.app.live[service]?.colour === colour
  const releases = new Set([current.id, ...world.running.filter(lives).map(slot => slot.release)])
  return [
    ...planStop(world).steps,
    ...[...releases].map((release): Pairs[number] => {
      const live = slotsOf(world.running.filter(slot => lives(slot) && slot.release === release))
      const others = release === current.id ? slotsOf(world.running.filter(slot => !lives(slot))) : []
      return {
        does: {
          kind: 'instances.stop',
          app,
          slots: [...live, ...others],
          why: 'nobody writes while the data changes',
        },
        undo: live.length === 0 ? null : { kind: 'instances.again', app, release, slots: live },
      }
    }),
  ]
}

/** Starts the app as after `inn stop`: the same release in the same colour. */
export const started = (world: World, current: Release): Plan<DeployStep> =>
  planStart(
    {
      ...world,
      app: { ...world.app, state: 'stopped' },
      table: { ...world.table, routes: [], services: {} },
      running: [],
      retiring: [],
    },
    current,
  )
