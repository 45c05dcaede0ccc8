import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import type { Archive, Named, Receipt, Shape } from './retention.ts'

/** The rules in the order in which rows can go: those of what refers to a table before those of the table. */
export function inOrder(rules: ReadonlyArray<{ rule: Named; shape: Shape }>): Named[] {
  const left = [...rules]
  const ordered: Named[] = []
  while (left.length > 0) {
    const waits = ({ shape }: (typeof left)[number]) =>
      left.some(
        other =>
          other.shape.label !== shape.label &&
          shape.children.some(child => child.label === other.shape.label),
      )
    // In a circle the order of the file is as good as another.
    const next = Math.max(
      0,
      left.findIndex(one => !waits(one)),
    )
    ordered.push(...left.splice(next, 1).map(({ rule }) => rule))
  }
  return ordered
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Pause after a run that gave way to another one. */
const REST = 5 * MINUTE
/** How late a rule may be before it is told of: a day of deploys and restores, and an hour. */
const LATEST = 25 * HOUR

export interface Rhythm {
  now: number
  /** The last receipt of the rule. */
  last: Receipt | null
  /** When its rows were looked for last, or when it was first seen; null: it was not. */
  looked: number | null
  /** When its schedule is due next after a moment; null: never. */
  next: (after: number) => number | null
}

/** When the rule is to run next. It never runs for the first time before its schedule comes once. */
export function dueAt({ now, last, looked, next }: Rhythm): number | null {
  if (last?.state === 'stopped') return (last.endedAt ?? last.startedAt) + REST
  const began = Math.max(looked ?? 0, last?.startedAt ?? 0)
  // A clock that was set back must not put it off for years.
  return began === 0 ? next(now) : next(Math.min(began, now))
}

export interface RuleFacts extends Rhythm {
  app: string
  rule: string
}

/** What is wrong with rules: the last run failed, or none came. */
export const alarmsOf = (rules: readonly RuleFacts[]): Alarm[] =>
  rules.flatMap(facts => {
    const { app, rule, last, now } = facts
    const alarm = (what: string): Alarm => ({
      ...{ code: 'retention.failing', level: 'soon', app, name: rule, what },
      fix: `\`inn retention list ${app}\` says why; then \`inn retention run ${app} ${rule}\``,
    })
    if (last?.state === 'failed') return [alarm(`the rule ${rule} of ${app} failed: ${last.error}`)]
    const due = dueAt(facts)
    return due !== null && now - due > LATEST
      ? [alarm(`the rule ${rule} of ${app} has not run for ${showDuration(now - due)} after its time`)]
      : []
  })

/** Archives that were kept as long as their rule says. One whose rule is gone is kept. */
export const expired = (archives: readonly Archive[], rules: readonly Named[], now: number): Archive[] =>
  archives.filter(({ state, at, rule: name }) => {
    const keep = rules.find(rule => rule.name === name)?.keep
    return state === 'done' && keep !== undefined && now - at > keep
  })
