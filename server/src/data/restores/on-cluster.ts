import { type DatabaseAccess, ownerAt } from '../../apps/databases/cluster.ts'
import type { StepContext } from '../../engine/run.ts'
import { count, list } from '../../kernel/words.ts'
import { HANG_UP_MS, readTables } from '../backups/manifest.ts'
import { readBelongings } from './belongings.ts'
import type { RestorePorts } from './ports.ts'
import { type Both, comparable } from './rule.ts'
import type { RestoreStep } from './step.ts'
import type { Target } from './target.ts'

type Of<K extends RestoreStep['kind']> = Extract<RestoreStep, { kind: K }>

/** The database of an app on our cluster. Its data comes from a restored copy of the cluster. */
export const onCluster = (ports: RestorePorts, own: DatabaseAccess): Target => ({
  fill: (step, context) => fill(ports, { own, step }, context),
  both: step => bothOfCopy(ports, own, step),
  swap: names => ports.cluster.swap(own, names),
  drop: database => ports.cluster.dropDatabase(database),
  query: (database, work) => ports.cluster.owner(own, { database }, work),
})

/** Loads the data into a new database beside, as its owner. The note says what belonged to others and what cannot come back. */
async function fill(
  ports: RestorePorts,
  { own, step }: { own: DatabaseAccess; step: Of<'restore.fill'> },
  { signal, say }: StepContext,
): Promise<string> {
  const keep = await ports.copies.reading(step.copy, { access: own }, query => readBelongings(query, own))
  await ports.cluster.beside(own, step.fresh, keep.extensions)
  const left = await ports.transfer({
    from: await ports.copies.reader(step.copy, own),
    database: own.name,
    to: ownerAt((await ports.cluster.place())!, own),
    into: step.fresh,
    keep,
    scratch: await ports.scratch(step.copy),
    signal,
    say,
  })
  await giveBack(ports, { own, database: step.fresh, statements: keep.toApp })
  const { user } = own.owner
  return [
    ...(keep.foreign.length === 0 ? [] : [`now of ${user}: ${firstOf(keep.foreign)}`]),
    ...(left.length === 0 ? [] : [`not brought back, as only a superuser can make it: ${firstOf(left)}`]),
  ].join('; ')
}

const firstOf = (all: readonly string[]): string =>
  list([...all.slice(0, 10), ...(all.length > 10 ? [count(all.length - 10, 'more')] : [])])

/** Gives the app's role back the objects that it had created itself. */
async function giveBack(
  { cluster }: RestorePorts,
  { own, database, statements }: { own: DatabaseAccess; database: string; statements: readonly string[] },
): Promise<void> {
  if (statements.length === 0) return
  await cluster.owner(own, { database }, async query => {
    // The role may lack a right by now that it had then. Such an object stays with the owner.
    for (const statement of statements) await query(statement).catch(() => {})
  })
}

async function bothOfCopy(
  ports: RestorePorts,
  own: DatabaseAccess,
  step: Of<'restore.verify'>,
): Promise<Both> {
  const [there, here] = await Promise.all([
    ports.copies.reading(step.copy, { access: own, longestMs: HANG_UP_MS }, readTables),
    ports.cluster.owner(own, { database: step.fresh, longestMs: HANG_UP_MS }, readTables),
  ])
  const unread = { ...there.uncounted, ...here.uncounted }
  return [comparable(there.tables, unread), comparable(here.tables, unread)]
}
