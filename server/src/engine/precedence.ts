import type { Engine } from './engine.ts'
import type { Journal } from './journal.ts'
import { isLocked } from './locked.ts'
import type { Plan, Step } from './plan.ts'

/** Which kinds of runs give way. A run that gives way is cancelled, because it can be repeated at any time. */
export interface Precedence {
  /** Kind of a run → kinds that give way to it. */
  outranks?: Readonly<Record<string, readonly string[]>>
  /** Kinds that give way to every run of another kind. */
  yields?: readonly string[]
}

interface Options {
  engine: Pick<Engine<Step>, 'start' | 'cancel' | 'ended'>
  journal: Pick<Journal, 'read'>
  precedences: readonly Precedence[]
}

/** Begins a plan. A run that holds one of its locks and gives way to it is cancelled first. */
export function beginner({ engine, journal, precedences }: Options) {
  return async (plan: Plan, actor: string): Promise<string> => {
    for (;;) {
      try {
        return engine.start(plan, actor)
      } catch (error) {
        if (!isLocked(error)) throw error
        const holder = String(error.facts['run'])
        const kind = journal.read(holder)?.plan.kind ?? ''
        if (!givesWay(precedences, { kind, to: plan.kind }) || !engine.cancel(holder)) throw error
        await engine.ended(holder)
      }
    }
  }
}

/** Whether a run of `kind` gives way to one of kind `to`. */
export const givesWay = (
  precedences: readonly Precedence[],
  { kind, to }: { kind: string; to: string },
): boolean =>
  precedences.some(
    ({ outranks, yields }) =>
      outranks?.[to]?.includes(kind) === true || (kind !== to && yields?.includes(kind) === true),
  )
