import type { Entry } from '../incidents/incident.ts'
import { isOfServer, type Outcome } from './rule.ts'
import { APP, filled, type Item } from './runbook.ts'
import type { Walk } from './store.ts'

/** A command as it was run. */
export const textOf = (
  item: Item,
  { app }: Pick<Walk, 'app'>,
  values: Readonly<Record<string, string>>,
): string => filled([item.text], { ...values, ...(app === null ? {} : { [APP]: app }) })[0]!

const SAID: Partial<Record<Outcome['state'], string>> = {
  ...{ yes: ' Yes', no: ' No', skipped: ': left out', failed: ': failed', done: '' },
  unknown: ': the keeper ended meanwhile, nobody knows what became of it',
}

/** What a step's outcome says in the incident. */
export function entryOf(walk: Walk, { ix, item }: { ix: number; item: Item }, outcome: Outcome): Entry {
  const what = `runbook ${walk.runbook}: ${textOf(item, walk, outcome.values)}${SAID[outcome.state] ?? ''}`
  return {
    ...{ key: `walk:${walk.id}:${ix}`, at: outcome.at!, kind: 'command', who: outcome.by },
    // Whoever works on the app alone sees its incidents, too.
    ...{ what: what.slice(0, 500), detail: isOfServer(item, walk) ? null : outcome.output },
  }
}
