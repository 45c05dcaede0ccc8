import type { AppConfig } from '../../config/config.ts'
import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { appLock } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import { bare, planStop } from './scale.ts'
import type { DeployStep, Server } from './step.ts'
import type { World } from './world.ts'

/** The servers that are stopped with an app that sleeps. What is backed up goes on: its backups need it. */
export const resting = ({ database, redis, backups }: AppConfig): Server[] =>
  backups.on
    ? []
    : [
        ...(database?.postgres === true ? (['postgres'] as const) : []),
        ...(database?.pooling === undefined ? [] : (['pgbouncer'] as const)),
        ...(redis === true ? (['redis'] as const) : []),
      ]

/** Whether the next request starts the app. */
export const isAsleep = ({ app, table }: Pick<World, 'app' | 'table'>): boolean =>
  app.state === 'stopped' && table?.asleep === true

/** Plans that an app sleeps: it is stopped, and requests wait at the edge until it was started for them. */
export function planSleep(world: World, current: Release): Plan<DeployStep> {
  const app = world.app.name
  const stop = planStop(world)
  const servers = resting(current.config)
  return {
    ...stop,
    kind: 'sleep',
    title: `let ${app} sleep`,
    steps: stop.steps.map(({ does, undo }) => ({ does: asleep(does), undo })),
    // What came just before the door closed is answered.
    cleanup: [
      { kind: 'instances.drain', app, slots: world.running.map(bare) },
      ...stop.cleanup,
      { kind: 'app.rest', app, servers, slots: world.running.map(bare) },
    ],
  }
}

/** Plans that the servers of an app which sleeps are stopped again. */
export function planRest({ app: { name: app } }: World, current: Release): Plan<DeployStep> {
  return {
    ...{
      kind: 'sleep',
      title: `let the servers of ${app} rest`,
      app,
      release: current.id,
      locks: [appLock(app)],
    },
    ...{ steps: [], notices: [] },
    cleanup: [{ kind: 'app.rest', app, servers: resting(current.config), slots: [] }],
  }
}

function asleep(does: DeployStep): DeployStep {
  if (does.kind === 'edge.route')
    return { ...does, table: { ...does.table, asleep: true }, says: 'let requests wait until it is awake' }
  return does.kind === 'app.live' ? { ...does, says: `${does.app} sleeps` } : does
}

/** The same start as that of a stopped app, for somebody who asked for it. */
export const asWaking = (start: Plan<DeployStep>): Plan<DeployStep> => ({
  ...start,
  kind: 'wake',
  title: `wake ${start.app}`,
})

/** Plans that an app which sleeps is stopped: requests do not start it any more. */
export function planStay(world: World): Plan<DeployStep> {
  const app = world.app.name
  const { asleep: _, ...table } = world.table!
  return {
    ...{
      kind: 'stop',
      title: `stop ${app}`,
      app,
      release: null,
      locks: [appLock(app)],
      cleanup: [],
      notices: [],
    },
    steps: [
      {
        does: { kind: 'edge.route', app, table, says: 'answer 503: the app is stopped' },
        undo: { kind: 'edge.route', app, table: world.table!, says: 'let requests wake it' },
      },
    ],
  }
}

/** Failure `sleep.never`: nothing of the app would be stopped. */
export function checkSleeps(app: string, config: AppConfig): void {
  if (config.services.some(service => service.kind !== 'static')) return
  throw new Failure('sleep.never', `${app} has nothing that could sleep`, {
    why: 'all its services are files, which the edge serves by itself',
    fix: 'take `sleep:` out of innkeeper.yaml',
  })
}
