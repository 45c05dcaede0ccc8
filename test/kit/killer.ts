import { setTimeout as sleep } from 'node:timers/promises'
import type { Run, RunStep } from '../../server/src/engine/wire.ts'
import { keeperRows } from './data.ts'
import type { Server } from './server.ts'

/** A moment in a run: 'steps.3.running', 'steps.3.undoing', 'cleanup.0.running'. */
export type Moment = string

const momentOf = (step: Pick<RunStep, 'phase' | 'index' | 'state'>): Moment =>
  `${step.phase}.${step.index}.${step.state}`

/** The moments at which the steps of an ended run were begun. */
export const momentsOf = (steps: ReadonlyArray<Pick<RunStep, 'phase'>>): Moment[] =>
  steps.map(({ phase }, n) => {
    const index = steps.slice(0, n).filter(step => step.phase === phase).length
    return momentOf({ phase, index, state: 'running' })
  })

/** Kills in one run. Each starts the keeper once; what is saved are the runs. */
const TOGETHER = 5

/** The same moments by runs, those of one far apart: the distance lets the keeper go on for a while in between. */
export function byRuns(moments: readonly Moment[]): Moment[][] {
  const runs = Math.ceil(moments.length / TOGETHER)
  return Array.from({ length: runs }, (_, run) => moments.filter((_, n) => n % runs === run))
}

export interface Killer {
  killed: Moment[]
  stop(): Promise<void>
}

/** Kills the keeper with SIGKILL at each wanted moment in runs of this app, once for each moment; not in runs that the keeper begins by itself. */
export function killAt(server: Server, app: string, wanted: (moment: Moment) => boolean): Killer {
  const killed: Moment[] = []
  let on = true
  const look = async (run: Run): Promise<void> => {
    const moments = run.steps.filter(s => s.state === 'running' || s.state === 'undoing').map(momentOf)
    const now = moments.find(moment => wanted(moment) && !killed.includes(moment))
    if (now === undefined) return
    killed.push(now)
    await server.killKeeper()
    // On a busy machine the run goes on until the signal arrives. A keeper that died twice at one step would take the run back.
    const [hit] = keeperRows(
      server,
      `select phase, ix, state from run_step where run = ? and state in ('running', 'undoing')`,
      run.id,
    ).map(row => `${row['phase']}.${row['ix']}.${row['state']}`)
    if (hit !== undefined && wanted(hit) && !killed.includes(hit)) killed.push(hit)
  }
  const following = (async () => {
    while (on) {
      try {
        for await (const event of server.client.events<{ type: string; run?: Run }>('/api/events')) {
          if (!on) return
          if (event.type !== 'run') continue
          const { app: of, actor } = event.run!
          if (of === app && actor !== 'keeper') await look(event.run!)
        }
      } catch {
        // The keeper was killed and is back in a second.
      }
      await sleep(20)
    }
  })()
  return {
    killed,
    async stop() {
      on = false
      await following
    },
  }
}
