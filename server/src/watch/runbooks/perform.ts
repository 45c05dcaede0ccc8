import type { Actor } from '../../api/actor.ts'
import { EXIT } from '../../kernel/exit.ts'
import { describe } from '../../kernel/failure.ts'
import { judge } from './allowed.ts'
import type { Read, WalkPorts } from './ports.ts'
import type { Outcome } from './rule.ts'
import { APP, filled, type Item, type Runbook } from './runbook.ts'
import type { Walk } from './store.ts'

export interface Doing {
  walk: Walk
  runbook: Runbook
  ix: number
  item: Item
  values: Readonly<Record<string, string>>
  actor: Actor
  /** Is given each line as it is printed. */
  say(line: string): void
}

type Result = Pick<Outcome, 'state' | 'code' | 'output'>

/** Letters of output that are kept of a step. */
export const KEPT = 16_384
/** A keeper that does not answer, or a command that cannot be read, has shown nothing. */
const SHOWN_NOTHING: readonly number[] = [EXIT.usage, EXIT.unreachable]

/** Does one item. Never rejects. */
export async function perform(ports: Pick<WalkPorts, 'run' | 'read'>, doing: Doing): Promise<Result> {
  try {
    const { item } = doing
    if (item.kind === 'text') return { state: 'done', code: null, output: null }
    if (item.kind === 'command') return await command(ports, doing)
    const sql = item.kind === 'question' ? item.sql! : item.text
    const read = await ports.read(doing.walk.app!, sql, doing.runbook.timeoutMs)
    const state = item.kind === 'check' ? 'done' : read.rows.length > 0 ? 'yes' : 'no'
    return { state, code: null, output: shown(read) }
  } catch (error) {
    const { what, why } = describe(error)
    return { state: 'failed', code: null, output: [what, why].filter(Boolean).join('\n').slice(0, KEPT) }
  }
}

/** The words that are run. What was filled in may have made another command of it, so it is judged again. */
export function wordsOf(
  item: Extract<Item, { kind: 'command' }>,
  { app, values, dry }: { app: string | null; values: Readonly<Record<string, string>>; dry: boolean },
): { words: string[]; plans: boolean } | { problem: string } {
  const words = filled(item.words, { ...values, ...(app === null ? {} : { [APP]: app }) })
  const judged = judge(words)
  if ('problem' in judged) return judged
  if (judged.changes !== item.changes) return { problem: 'what was filled in makes another command of it' }
  if (!judged.changes) return { words, plans: false }
  if (dry) return { words: [...words, '--plan'], plans: judged.plans }
  return { words: judged.asks && !words.includes('--yes') ? [...words, '--yes'] : words, plans: judged.plans }
}

async function command(
  { run }: Pick<WalkPorts, 'run'>,
  { walk, runbook, ix, item, values, actor, say }: Doing,
): Promise<Result> {
  if (item.kind !== 'command') throw new Error(`${item.kind} is no command`)
  const made = wordsOf(item, { app: walk.app, values, dry: walk.dry })
  if ('problem' in made) return { state: 'failed', code: null, output: made.problem }
  if (walk.dry && item.changes && !made.plans)
    return { state: 'done', code: null, output: 'nothing was done: this command has no plan to show' }
  const { code, output } = await run({
    ...{ words: made.words, actor, say, timeoutMs: runbook.timeoutMs, id: `${walk.id}.${ix}` },
    // What a repository says reaches no other app; what comes with Innkeeper is as good as typed.
    within: walk.own ? null : walk.app,
  })
  const well = item.changes ? code === EXIT.done : code !== null && !SHOWN_NOTHING.includes(code)
  return { state: well ? 'done' : 'failed', code, output: output.slice(-KEPT) }
}

/** As a table of text. */
function shown({ columns, rows, more }: Read): string {
  if (rows.length === 0) return 'no rows'
  const lines = [columns, ...rows.map(row => row.map(value => value ?? ''))].map(row => row.join(' | '))
  return [...lines, ...(more ? ['… and more'] : [])].join('\n').slice(0, KEPT)
}
