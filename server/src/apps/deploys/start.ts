import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { Release } from '../releases/release.ts'
import { planActivation } from './plan.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

/** Plans a restart: the same release starts in the other colour, so that no visitor notices. */
export function planRestart(
  world: World,
  current: Release,
  services: readonly string[] | null,
): Plan<DeployStep> {
  const processes = current.config.services.filter(s => s.kind !== 'static').map(s => s.name)
  return planActivation(world, {
    kind: 'restart',
    title: `restart ${services === null ? world.app.name : `${list(services)} of ${world.app.name}`}`,
    goal: { release: current.id, config: current.config, artifacts: current.artifacts },
    services: services ?? processes,
    watchMs: 0,
    before: [],
    notices: [],
    fresh: true,
  })
}

/** Plans the start of a stopped app: the release that was live, in the same colour. */
export function planStart(world: World, current: Release): Plan<DeployStep> {
  if (world.app.state !== 'stopped') {
    throw new Failure('start.already', `${world.app.name} is not stopped`, {
      why: `its state is ${world.app.state}`,
      fix: `\`inn status\`; \`inn restart ${world.app.name}\` starts it again`,
    })
  }
  return planActivation(world, {
    kind: 'start',
    title: `start ${world.app.name}`,
    goal: { release: current.id, config: current.config, artifacts: current.artifacts },
    services: current.config.services.map(s => s.name),
    watchMs: 0,
    before: [],
    notices: [],
  })
}
