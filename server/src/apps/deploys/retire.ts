import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Edge } from '../../reach/edge/edge.ts'
import type { AppStore } from '../app/store.ts'
import { planRetire } from './scale.ts'
import type { DeployStep } from './step.ts'
import type { World } from './world.ts'

interface Retiring {
  ports: { clock: Clock; apps: Pick<AppStore, 'retirements'>; edge: Pick<Edge, 'traffic'> }
  engine: Pick<Engine<DeployStep>, 'start'>
  world: (name: string) => Promise<World>
}

/** Stops old colours that were kept warm long enough, and whose connections have ended or had their drain time. */
export async function retireDue({ ports, engine, world }: Retiring): Promise<void> {
  const now = ports.clock.now()
  const all = await ports.apps.retirements()
  for (const app of new Set(all.map(r => r.app))) {
    const traffic = await ports.edge
      .traffic(app)
      .catch(() => ({}) as Awaited<ReturnType<typeof ports.edge.traffic>>)
    const due = all.filter(
      r =>
        r.app === app &&
        r.warmUntil <= now &&
        (r.drainUntil <= now || (traffic[`${r.service}/${r.release}`]?.active ?? 0) === 0),
    )
    if (due.length === 0) continue
    // When another run holds the app's lock: a deploy stops old instances itself, else the next tick does.
    startUnlessLocked(engine, planRetire(await world(app), due))
  }
}
