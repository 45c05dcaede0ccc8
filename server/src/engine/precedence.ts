import { Failure } from '../kernel/failure.ts'
import type { Engine } from './engine.ts'
import type { Journal } from './journal.ts'
import type { Plan, Step } from './plan.ts'

/** Kinds of runs that can be had again at any time: they give way to a person who cannot wait. */
const GIVES_WAY: Readonly<Record<string, readonly string[]>> = {
  restore: ['backup', 'verify', 'drill'],
  recover: ['backup', 'verify', 'drill'],
  'restore-undo': ['backup', 'verify', 'drill'],
  'restore-table': ['backup', 'verify', 'drill'],
}
/** To every other change. */
const ALWAYS = ['drill']

interface Options<S extends Step> {
  engine: Engine<S>
  journal: Journal
}

/** Begins a plan; what holds its locks and gives way to it is taken back first. */
export function beginner<S extends Step>({ engine, journal }: Options<S>) {
  return async (plan: Plan<S>, actor: string): Promise<string> => {
    for (;;) {
      try {
        return engine.start(plan, actor)
      } catch (error) {
        if (!(error instanceof Failure && error.code === 'run.locked')) throw error
        const holder = String(error.facts['run'])
        const kind = journal.read(holder)?.plan.kind ?? ''
        const gives = plan.kind !== 'drill' && (GIVES_WAY[plan.kind] ?? ALWAYS).includes(kind)
        if (!gives || !engine.cancel(holder)) throw error
        await engine.ended(holder)
      }
    }
  }
}
