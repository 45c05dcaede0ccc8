import { iso } from '../../kernel/moments.ts'
import type { Kept } from './library.ts'
import type { RunbookView } from './wire.ts'

export interface Tried {
  by: string
  at: number
}

/** A runbook as lists show it. `tried`: who came to its end last, and when; `alerts`: names of those that it may help with. */
export const viewOf = (
  { runbook, problems, app }: Kept,
  tried: Tried | undefined,
  alerts: ReadonlySet<string>,
): RunbookView => ({
  ...{ name: runbook.name, title: runbook.title, app, for: [...runbook.for], ofApp: runbook.ofApp },
  ...{ safe: runbook.safe, steps: runbook.items.length, problems: [...problems] },
  links: [...runbook.links],
  fits: runbook.for.some(name => alerts.has(name)),
  tried: tried === undefined ? null : { by: tried.by, at: iso(tried.at) },
})
