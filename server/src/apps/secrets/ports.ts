import type { Engine } from '../../engine/engine.ts'
import type { AppStore } from '../app/store.ts'
import type { Deployer } from '../deploys/deployer.ts'
import type { DeployStep } from '../deploys/step.ts'
import type { Provider } from '../references/ports.ts'
import type { ReleaseStore } from '../releases/store.ts'

/** What the secrets of apps take of the keeper. */
export interface SecretPorts {
  apps: Pick<AppStore, 'all' | 'find' | 'get' | 'keptSecrets'>
  releases: Pick<ReleaseStore, 'find' | 'firstAt'>
  deployer: Pick<Deployer, 'planSecrets' | 'planGraceEnd'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  clock: { now(): number }
  audit: {
    write(row: { actor: string; action: string; app: string; run: string; detail: string }): Promise<unknown>
  }
  random(length: number): string
  /** Runs commands that say the value of a secret. */
  provider: Provider
}
