import { accessOf, PASSWORDS } from '../../apps/databases/access.ts'
import { databaseUrl } from '../../apps/databases/cluster.ts'
import type { Engine } from '../../engine/engine.ts'
import { startUnlessLocked } from '../../engine/locked.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Moment, Restores } from '../restores/restores.ts'
import { type Copy, checkName, takenName } from './copy.ts'
import { planCopy, planEnd, type Steps } from './plan.ts'
import type { CopiesPorts } from './ports.ts'
import type { CopyView } from './wire.ts'

export interface CopyQuestion extends Moment {
  name: string
  forMs: number
}

interface Options {
  ports: CopiesPorts
  engine: Engine<Steps>
  restores: Pick<Restores, 'choose'>
}

export type LentCopies = ReturnType<typeof createCopies>

/** Plans, lists and removes copies that people look at. */
export function createCopies({ ports, engine, restores }: Options) {
  const { clock, apps, lent } = ports

  async function view(copy: Copy): Promise<CopyView> {
    const secrets = await apps.secrets(copy.app)
    const access = accessOf(copy.app, copy.port, secrets)
    const known = copy.state === 'open' && secrets[PASSWORDS.app] !== undefined
    return {
      name: copy.name,
      app: copy.app,
      moment: copy.says,
      at: new Date(copy.at).toISOString(),
      state: copy.state,
      port: copy.port,
      until: copy.until === null ? null : new Date(copy.until).toISOString(),
      addresses: known ? { app: databaseUrl(access, 'app'), owner: databaseUrl(access, 'owner') } : null,
    }
  }

  return {
    async plan(app: string, { name, forMs, ...moment }: CopyQuestion): Promise<Plan<Steps>> {
      checkName(name)
      const own = ports.of(app)
      // Copies that a restore or a drill under way has made count too.
      if ((await lent.find(name)) !== null || (await own.copies.list()).includes(name)) throw takenName(name)
      const chosen = await restores.choose(app, moment)
      const given = [...(await apps.ports()).values(), ...(await lent.list()).map(copy => copy.port)]
      const port = await own.freePort(new Set(given))
      return planCopy({ app, copy: name, chosen, port, forMs })
    },

    async planRemove(name: string): Promise<Plan<Steps>> {
      return planEnd((await lent.get(name)).app, name)
    },

    list: async (): Promise<CopyView[]> => Promise.all((await lent.list()).map(view)),
    show: async (name: string): Promise<CopyView> => view(await lent.get(name)),

    /** Removes copies whose time is over; called by a timer. */
    async tick(): Promise<void> {
      const now = clock.now()
      for (const { app, name, until } of await lent.list()) {
        if (until === null || until > now) continue
        startUnlessLocked(engine, planEnd(app, name))
      }
    },
  }
}
