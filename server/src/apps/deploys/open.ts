import type { Answer } from '../../api/begin.ts'
import type { Engine } from '../../engine/engine.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { AppStore } from '../app/store.ts'
import type { Watcher } from '../checks/watcher.ts'
import type { ReleaseStore } from '../releases/store.ts'
import type { Deployer } from './deployer.ts'
import { deployPerformer } from './perform.ts'
import type { DeployPorts } from './ports.ts'
import { replaceDue } from './replacing.ts'
import { deployRoutes } from './routes.ts'
import type { DeployStep } from './step.ts'

export interface Needs {
  deployPorts: DeployPorts
  deployer: Deployer
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  apps: Pick<AppStore, 'find'>
  releases: Pick<ReleaseStore, 'get'>
  watcher: Pick<Watcher, 'due' | 'replaced'>
  answer: Answer
}

export function open(needs: Needs): OpenPart<DeployStep> {
  const { deployPorts, deployer, engine, answer, apps, releases, watcher } = needs
  const replacing = {
    apps,
    watcher,
    engine,
    world: async (app: string) => (await deployer.world(app)).world,
    config: async (app: string, release: string) => (await releases.get(app, release)).config,
  }
  return {
    perform: deployPerformer(deployPorts),
    timers: [
      { name: 'retire', everyMs: 2_000, work: () => deployer.retireDue() },
      { name: 'ahead', everyMs: 10_000, work: () => deployer.bringAhead() },
      { name: 'replace', everyMs: 1_000, work: () => replaceDue(replacing) },
      { name: 'given', everyMs: 60_000, work: () => deployer.forgetGiven() },
    ],
    routes: app => deployRoutes(app, { deployer, answer }),
  }
}
