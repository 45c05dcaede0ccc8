import type { AppConfig } from '../../config/config.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import { appLock } from '../app/names.ts'
import type { AppStore } from '../app/store.ts'
import type { Watcher } from '../checks/watcher.ts'
import { planReplace } from './replace.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

interface Replacing {
  apps: Pick<AppStore, 'find'>
  watcher: Pick<Watcher, 'due' | 'replaced'>
  engine: Pick<Engine<DeployStep>, 'start' | 'holds'>
  world(app: string): Promise<World>
  config(app: string, release: string): Promise<AppConfig>
}

/** Begins to replace one instance of each app that has one to replace. The lock of the app keeps it to one at a time. */
export async function replaceDue({ apps, watcher, engine, world, config }: Replacing): Promise<void> {
  for (const due of watcher.due()) {
    const name = due.slot.app
    if (engine.holds(appLock(name)) || (await apps.find(name))?.state !== 'running') continue
    const plan = planReplace(await world(name), await config(name, due.release), due)
    if (startUnlessLocked(engine, plan)) watcher.replaced(due)
  }
}
