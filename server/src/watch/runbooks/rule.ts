import { type Item, namesApp, type Runbook, valuesOf } from './runbook.ts'

/**
 * How an item stands. `yes`, `no`: a question was answered; `unknown`: the keeper ended while the step went on, so a person
 * looks what became of it; `passed`: the question above it was answered with no.
 */
export type ItemState =
  | 'pending'
  | 'running'
  | 'done'
  | 'failed'
  | 'unknown'
  | 'skipped'
  | 'passed'
  | 'yes'
  | 'no'

/** What became of an item. Times in milliseconds since 1970. */
export interface Outcome {
  state: ItemState
  by: string | null
  at: number | null
  ms: number | null
  code: number | null
  /** The end of what it printed. */
  output: string | null
  /** What its values were filled with. */
  values: Readonly<Record<string, string>>
}

export const PENDING: Outcome = {
  ...{ state: 'pending', by: null, at: null, ms: null, code: null, output: null, values: {} },
}

/** What a person does with an item. */
export type Act = 'do' | 'yes' | 'no' | 'skip'

const SETTLED: ReadonlySet<ItemState> = new Set(['done', 'skipped', 'passed', 'yes', 'no'])

/** The outcomes with what a no leaves out. */
export function settled(items: readonly Item[], outcomes: readonly Outcome[]): Outcome[] {
  const no = new Set(items.flatMap((item, n) => (outcomes[n]?.state === 'no' ? [item.section] : [])))
  return items.map((item, n) => {
    const outcome = outcomes[n] ?? PENDING
    return no.has(item.section) && outcome.state === 'pending' ? { ...outcome, state: 'passed' } : outcome
  })
}

/** The item whose turn it is; null: all are settled. */
export function nextOf(items: readonly Item[], outcomes: readonly Outcome[]): number | null {
  const at = settled(items, outcomes).findIndex(({ state }) => !SETTLED.has(state))
  return at === -1 ? null : at
}

/** What may be done with the item whose turn it is. */
export function actsOf(item: Item, { state }: Outcome): Act[] {
  if (state === 'running') return []
  if (item.kind === 'question') return item.sql === null ? ['yes', 'no'] : ['do', 'yes', 'no']
  return ['do', 'skip']
}

/** Whether an item is done by itself when its turn comes: it reads, and wants no value of a person. */
export const isQuiet = (item: Item): boolean =>
  item.kind === 'check' || (item.kind === 'command' && !item.changes && valuesOf(item).length === 0)

/** What a walk that nobody leads does with the item whose turn it is; null: it waits for a person. */
export function alone(item: Item, { state }: Outcome): Act | null {
  if (state !== 'pending') return null
  if (item.kind === 'question') return item.sql === null ? null : 'do'
  // Nobody reads it now. Whoever comes later finds it as left out.
  if (item.kind === 'text') return 'skip'
  return valuesOf(item).length === 0 ? 'do' : null
}

/** `on`: names of alerts; `everyMs`: it does not run more often than that. */
export interface Auto {
  runbook: string
  on: readonly string[]
  everyMs: number
}

export interface Firing {
  occurrence: string
  name: string
}

/** A walk that began by itself before. */
export interface Before {
  runbook: string
  occurrence: string | null
  at: number
  /** Whether it waits for a person. */
  open: boolean
}

/** Which runbooks of an app run by themselves now, and for which occurrence of an alert: once for each, not too often, and not beside one that waits. */
export function begins(
  autos: readonly Auto[],
  { firing, before, now }: { firing: readonly Firing[]; before: readonly Before[]; now: number },
): Array<{ runbook: string; occurrence: string }> {
  return autos.flatMap(({ runbook, on, everyMs }) => {
    const own = before.filter(one => one.runbook === runbook)
    if (own.some(({ at, open }) => open || now - at < everyMs)) return []
    const found = firing.find(
      one => on.includes(one.name) && !own.some(({ occurrence }) => occurrence === one.occurrence),
    )
    return found === undefined ? [] : [{ runbook, occurrence: found.occurrence }]
  })
}

/** An own runbook that nobody has tried for so long is asked about. */
export const OLD_MS = 180 * 86_400_000

/** `since`: when it came with a release, or was last tried. */
export const isOld = (since: number, now: number): boolean => now - since >= OLD_MS

/** Whether it may be walked for this app; or why not. */
export function mayWalk({ ofApp, title }: Runbook, app: string | null): string | null {
  return ofApp && app === null ? `“${title}” is about an app` : null
}

/**
 * Whether what a step finds may be of the whole server, although the walk is about one app: a command that comes with
 * Innkeeper, names no app, and has the rights of whoever did it. One that ran by itself has those of its app alone.
 */
export const isOfServer = (
  item: Item,
  { app, own, occurrence }: { app: string | null; own: boolean; occurrence: string | null },
): boolean => own && app !== null && occurrence === null && item.kind === 'command' && !namesApp(item.words)
