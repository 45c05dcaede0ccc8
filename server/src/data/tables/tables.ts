import type { Plan } from '../../engine/plan.ts'
import { Failure } from '../../kernel/failure.ts'
import { ownOf } from '../restores/proof.ts'
import type { Moment, Restores } from '../restores/restores.ts'
import { readShapes } from './observe.ts'
import { taken } from './perform-copy.ts'
import { planTable, type Steps } from './plan.ts'
import type { TablesPorts } from './ports.ts'
import { besides, find, refusal } from './rule.ts'
import { csvFile } from './session.ts'
import type { Comparison, Shape, Wish } from './table.ts'

export interface TableQuestion extends Moment {
  tables: readonly string[]
  merge?: boolean | undefined
  copy?: string | undefined
  csv?: boolean | undefined
}

interface Options {
  ports: TablesPorts
  restores: Pick<Restores, 'choose'>
}

export type Tables = ReturnType<typeof createTables>

const KEPT_MS = 24 * 3_600_000

/** Observes tables of a moment, and plans what is done with their rows. */
export function createTables({ ports, restores }: Options) {
  const { clock, files, home, tables: store } = ports

  async function shapesOf(app: string): Promise<Shape[]> {
    const own = ports.of(app)
    return own.cluster.owner(await ownOf(own), {}, readShapes)
  }

  return {
    async plan(app: string, question: TableQuestion): Promise<Plan<Steps>> {
      const wish = wishOf(question)
      const tables = [...new Set(question.tables)]
      const chosen = await restores.choose(app, question)
      const shapes = await shapesOf(app)
      const found = tables.map(name => ({ name, here: find(name, shapes) }))
      const no = refusal(wish, found)
      if (no !== null) throw no
      if (wish.kind === 'copy') free(wish.name, found[0]!.here?.schema ?? 'public', shapes)
      const merges = wish.kind === 'compare' || wish.kind === 'merge'
      const { compared, notices } = besides(merges ? found.flatMap(t => t.here ?? []) : [], shapes)
      const gone = found.filter(t => t.here === null)
      return planTable({
        app,
        chosen,
        copy: `t${Math.floor(clock.now() / 1000).toString(36)}`,
        tables: found.map(t => t.here?.label ?? t.name),
        children: compared,
        wish,
        notices: [
          ...chosen.notices,
          ...notices,
          ...gone.map(t => `there is no table ${t.name} now: it is looked for among those of that moment`),
        ],
      })
    },

    comparison: (run: string): Promise<Comparison> => store.get(run),

    /** Path of the CSV file of a run. Failure `comparison.unknown`. */
    async csv(run: string): Promise<string> {
      // The id comes from a request, so only the id of a known run becomes part of a path.
      const file = csvFile({ home }, (await store.get(run)).run)
      if (await files.exists(file)) return file
      throw new Failure('comparison.unknown', `no CSV is kept of the run ${run}`, {
        why: 'it made none, or that is longer ago than a day',
        fix: '`inn restore --table NAME --csv FILE --to …` makes it again',
      })
    },

    /** Removes old comparisons and CSV files, because they contain rows of an app; called by a timer. */
    async tick(): Promise<void> {
      for (const run of await store.olderThan(clock.now() - KEPT_MS)) {
        await files.remove(csvFile({ home }, run))
        await store.forget(run)
      }
    },
  }
}

function wishOf({ merge = false, copy, csv = false }: TableQuestion): Wish {
  const said = [merge && '--merge', copy !== undefined && '--copy', csv && '--csv'].filter(s => s !== false)
  if (said.length > 1)
    throw new Failure('usage.table', `${said.join(' and ')} do not go together`, {
      why: 'each says what becomes of the rows',
      fix: 'choose one of them',
    })
  if (merge) return { kind: 'merge' }
  if (copy !== undefined) return { kind: 'copy', name: copy }
  return { kind: csv ? 'csv' : 'compare' }
}

function free(name: string, schema: string, shapes: readonly Shape[]): void {
  if (shapes.some(s => s.schema === schema && s.name === name)) throw taken(name)
}
