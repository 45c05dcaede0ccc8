import { Failure } from '../../kernel/failure.ts'
import { didYouMean, list } from '../../kernel/words.ts'
import type { Pair, Shape, Wish } from './table.ts'

/** The table that a person means: `guest`, `billing.guest`, or the same as SQL writes it with quotes; null: there is none. */
export function find(asked: string, shapes: readonly Shape[]): Shape | null {
  const wanted = unquoted(asked)
  const exact = shapes.find(s => s.label === wanted || `${s.schema}.${s.name}` === wanted)
  if (exact !== undefined) return exact
  const named = shapes.filter(s => s.name === wanted)
  if (named.length < 2) return named[0] ?? null
  throw new Failure('table.ambiguous', `there are several tables ${wanted}`, {
    why: `they are ${list(named.map(s => s.label))}`,
    fix: `say which one: --table ${named[0]!.label}`,
  })
}

/** `"Old Stuff"."My Table"` without its quotes. */
const unquoted = (name: string): string =>
  /^("([^"]|"")+"|[^".]+)(\.("([^"]|"")+"|[^".]+))?$/.test(name)
    ? name.replaceAll(/"((?:[^"]|"")+)"/g, (_, inner: string) => inner.replaceAll('""', '"'))
    : name

export function unknownTable(wanted: string, shapes: readonly Shape[]): Failure {
  const near = didYouMean(
    wanted,
    shapes.map(s => s.label),
  )
  const all = shapes.map(s => s.label)
  return new Failure('table.unknown', `there is no table ${wanted}, neither now nor then`, {
    why: near === null ? `then there were ${list(all.slice(0, 30)) || 'none'}` : `did you mean ${near}?`,
    fix: 'name a table of the app: guest, or schema.guest',
  })
}

/** A table at the moment and now, with the columns and the key that both have. */
export function pairOf(there: Shape, here: Shape | null): Pair {
  const names = (shape: Shape | null) => shape?.columns.map(c => c.name) ?? []
  const generated = new Set(
    [there, here].flatMap(s => s?.columns.filter(c => c.generated) ?? []).map(c => c.name),
  )
  const [then, now] = [names(there), names(here)]
  const shared = then.filter(name => now.includes(name) && !generated.has(name))
  const key = here?.key?.every(name => shared.includes(name)) ? here.key : null
  return {
    there,
    here,
    shared,
    onlyThere: here === null ? [] : then.filter(name => !now.includes(name)),
    onlyHere: now.filter(name => !then.includes(name)),
    key,
  }
}

/** A table whose rows go when rows of `of` are deleted. */
export interface Child {
  shape: Shape
  /** Label of the table that it refers to. */
  of: string
}

/** The tables whose rows go with rows of these ones, by `on delete cascade`, and with rows of such a table again. */
export function goWith(named: readonly Shape[], shapes: readonly Shape[]): Child[] {
  const found: Child[] = []
  const reached = named.map(shape => shape.label)
  for (const of of reached)
    for (const shape of shapes) {
      if (reached.includes(shape.label) || !refers(shape, of, 'cascade')) continue
      reached.push(shape.label)
      found.push({ shape, of })
    }
  return found
}

const refers = ({ parents }: Shape, to: string, onDelete: 'cascade' | 'loosen'): boolean =>
  parents.some(parent => parent.table === to && parent.onDelete === onDelete)

/** A larger table is compared only when it is named: its rows would be copied into the database that serves. */
const MOST_ROWS = 1_000_000

/** Which tables are compared besides those that were named, and what is said of them before anything runs. */
export function besides(
  named: readonly Shape[],
  shapes: readonly Shape[],
): { compared: string[]; notices: string[] } {
  const children = goWith(named, shapes)
  const [large, small] = [true, false].map(is =>
    children.filter(({ shape }) => shape.estimate > MOST_ROWS === is),
  ) as [Child[], Child[]]
  const all = [...named, ...children.map(child => child.shape)]
  const loose = shapes.filter(
    shape => !all.includes(shape) && all.some(({ label }) => refers(shape, label, 'loosen')),
  )
  const says = (some: readonly Child[]) => list(some.map(({ shape, of }) => `${shape.label} with ${of}`))
  return {
    compared: small.map(({ shape }) => shape.label),
    notices: [
      ...(small.length === 0
        ? []
        : [`rows go by on delete cascade (${says(small)}): these tables are compared too`]),
      ...(large.length === 0
        ? []
        : [
            `rows go by on delete cascade (${says(large)}), and these tables are too large to be compared unless they are named`,
          ]),
      ...(loose.length === 0
        ? []
        : [
            `${list(loose.map(s => s.label))} may have lost references (on delete set null): name them to compare them`,
          ]),
    ],
  }
}

/** Orders tables so that a foreign key's target comes first, else as given. A table may refer to itself: one statement inserts all its rows. Failure `table.circle`. */
export function inOrder<T extends Shape>(shapes: readonly T[]): T[] {
  const waiting = [...shapes]
  const done: T[] = []
  while (waiting.length > 0) {
    const held = (shape: T, by: readonly T[], ours: (p: T['parents'][number]) => boolean) =>
      shape.parents.some(p => p.table !== shape.label && ours(p) && by.some(other => other.label === p.table))
    const next =
      waiting.find(shape => !held(shape, waiting, () => true)) ??
      // In a cycle of foreign keys, a table goes first whose keys to the others are deferrable: they are checked at commit.
      waiting.find(shape => !held(shape, waiting, p => !p.deferrable))
    if (next === undefined) throw circle(waiting)
    waiting.splice(waiting.indexOf(next), 1)
    done.push(next)
  }
  return done
}

const circle = (shapes: readonly Shape[]): Failure =>
  new Failure('table.circle', `${list(shapes.map(s => s.label))} refer to each other`, {
    why: 'a row of one needs a row of another that is there first, and the foreign keys are not deferrable',
    fix: 'make one of these foreign keys deferrable, or take the rows with --copy and insert them by hand',
  })

/** Why the wish cannot be fulfilled with the tables as they are now; null: it can. `here`: null when the table does not exist any more. */
export function refusal(
  wish: Wish,
  tables: ReadonlyArray<{ name: string; here: Shape | null }>,
): Failure | null {
  const [first] = tables
  if ((wish.kind === 'copy' || wish.kind === 'csv') && tables.length > 1)
    return new Failure('usage.table', `--${wish.kind} takes one table`, {
      why: `${list(tables.map(t => t.name))} were named`,
      fix: `name one of them: --table ${first!.name}`,
    })
  if (wish.kind !== 'merge') return null
  const gone = tables.find(t => t.here === null)
  if (gone !== undefined)
    return new Failure('table.gone', `${gone.name} is not there any more, so nothing can be merged into it`, {
      why: 'it was dropped or renamed since',
      fix: `bring it back as a table: --table ${gone.name} --copy ${gone.name}`,
    })
  const loose = tables.find(t => t.here!.key === null)
  if (loose === undefined) return null
  return noKey(loose.name)
}

export const noKey = (table: string): Failure =>
  new Failure('table.no-key', `rows of ${table} cannot be told apart, so which are missing is not known`, {
    why: 'it has no primary key, and no unique index over columns that are never null; or that has changed since',
    fix: `bring its rows back as a table of their own: --table ${table} --copy NAME`,
  })
