import { setTimeout as sleep } from 'node:timers/promises'
import type { Run, RunStep } from '../../server/src/engine/wire.ts'
import type { Server } from './server.ts'

/** 'steps.3.running', 'steps.3.undoing', 'cleanup.0.running' */
export type Moment = string

export const momentOf = (step: Pick<RunStep, 'phase' | 'index' | 'state'>): Moment =>
  `${step.phase}.${step.index}.${step.state}`

/** When each step of a run that has ended was begun. */
export const momentsOf = (steps: ReadonlyArray<Pick<RunStep, 'phase'>>): Moment[] =>
  steps.map(({ phase }, n) => {
    const index = steps.slice(0, n).filter(step => step.phase === phase).length
    return momentOf({ phase, index, state: 'running' })
  })

export interface Killer {
  killed: Moment[]
  stop(): Promise<void>
}

/** Kills the keeper with -9 at each moment that is wanted, once, whenever it comes in a run of this app. */
export function killAt(server: Server, app: string, wanted: (moment: Moment) => boolean): Killer {
  const killed: Moment[] = []
  let on = true
  const look = async (run: Run): Promise<void> => {
    const moments = run.steps.filter(s => s.state === 'running' || s.state === 'undoing').map(momentOf)
    const now = moments.find(moment => wanted(moment) && !killed.includes(moment))
    if (now === undefined) return
    killed.push(now)
    await server.killKeeper()
  }
  const following = (async () => {
    while (on) {
      try {
        for await (const event of server.client.events<{ type: string; run?: Run }>('/api/events')) {
          if (!on) return
          if (event.type === 'run' && event.run!.app === app) await look(event.run!)
        }
      } catch {
        // The keeper was killed: it is back in a second.
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
