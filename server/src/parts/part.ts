import type { Routes } from '../api/routes.ts'
import type { CommandLine } from '../cli/options.ts'
import type { Sentences, Step } from '../engine/plan.ts'
import type { Precedence } from '../engine/precedence.ts'
import type { Perform, StepContext } from '../engine/run.ts'
import type { Alarm } from '../kernel/wire-alarm.ts'

/** Work that the keeper repeats, never twice at the same time. */
export interface Timer {
  name: string
  everyMs: number
  /** Run at multiples of the interval, for work that counts in time slots. */
  aligned?: boolean
  work(): Promise<void>
}

/** What a noun does in a running keeper. */
export interface OpenPart<S extends Step = never> {
  perform?: Perform<S>
  timers?: readonly Timer[]
  /** The alarms of this moment. */
  alarms?(): Promise<Alarm[]>
  routes?(app: Routes): void
}

/** `names`: of what `load` adds right below `inn`, so that a command loads no other noun's. */
export interface PartCommands {
  names: readonly string[]
  load(): Promise<{ commands(line: CommandLine): void }>
}

/**
 * What a noun brings. Every command loads this of every noun, so it imports nothing by itself: all is imported when it
 * is needed. `Needs`: what the noun takes from the keeper.
 */
export interface Part<S extends Step, Needs> {
  name: string
  /** One sentence for each kind of step. */
  sentences?(): Promise<Sentences<S>>
  /** Which kinds of runs give way to which. */
  precedence?: Precedence
  commands?: PartCommands
  open?(needs: Needs): Promise<OpenPart<S>>
}

/** Declares a noun, so that the compiler checks it in its own file. */
export const part = <S extends Step = never, Needs = unknown>(noun: Part<S, Needs>): Part<S, Needs> => noun

type Say = (step: never) => string

/** The part of any noun, for a keeper that provides `House`. */
export interface AnyPart<House> {
  name: string
  sentences?(): Promise<Readonly<Record<string, Say>>>
  precedence?: Precedence
  commands?: PartCommands
  open?(house: House): Promise<OpenPart>
}

/** The sentences of all nouns. Throws when two nouns have a step of one kind. */
export async function allSentences(parts: ReadonlyArray<AnyPart<never>>): Promise<Sentences<Step>> {
  const all: Record<string, Say> = {}
  for (const { name, sentences } of parts) {
    for (const [kind, say] of Object.entries((await sentences?.()) ?? {})) {
      if (Object.hasOwn(all, kind)) throw new Error(`${name} has a step ${kind}, and another noun has it too`)
      all[kind] = say
    }
  }
  return all as Sentences<Step>
}

/** Opens every noun, and sends each step to the noun that has its sentence. */
export async function openParts<House>(parts: ReadonlyArray<AnyPart<House>>, house: House) {
  const opened = await Promise.all(
    parts.map(async noun => ({ noun, open: (await noun.open?.(house)) ?? {} })),
  )
  const performers = new Map<string, NonNullable<OpenPart['perform']>>()
  for (const { noun, open } of opened) {
    for (const kind of Object.keys((await noun.sentences?.()) ?? {})) {
      if (open.perform === undefined)
        throw new Error(`${noun.name} has the step ${kind}, and nothing performs it`)
      performers.set(kind, open.perform)
    }
  }
  const perform: Perform<Step> = (step: Step, context: StepContext) => {
    const known = performers.get(step.kind)
    if (known === undefined) throw new Error(`no noun performs the step ${step.kind}`)
    return known(step as never, context)
  }
  return {
    perform,
    timers: opened.flatMap(({ open }) => open.timers ?? []),
    alarms: opened.flatMap(({ noun, open }) =>
      open.alarms === undefined ? [] : [{ of: noun.name, alarms: open.alarms }],
    ),
    routes: opened.flatMap(({ open }) => open.routes ?? []),
  }
}
