import { ownerAt } from '../../apps/databases/cluster.ts'
import type { Query } from '../../apps/databases/migrations.ts'
import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { showSize } from '../../kernel/sizes.ts'
import { count } from '../../kernel/words.ts'
import { ownOf } from '../restores/proof.ts'
import { compareTables } from './perform-compare.ts'
import { copyTable, uncopyTable } from './perform-copy.ts'
import { mergeTables } from './perform-merge.ts'
import type { TablePorts, TablesPorts } from './ports.ts'
import { csvFile, loaded, type Order, pairs, schemaOf, session, settingsOf } from './session.ts'
import type { TableStep } from './step.ts'
import type { Pair } from './table.ts'

type Of<K extends TableStep['kind']> = Extract<TableStep, { kind: K }>

/** What each kind of step does, with the ports of the app that it names. */
export const tablePerformer =
  (ports: TablesPorts): Perform<TableStep> =>
  (step, context) =>
    performing(performersOf(ports.of(step.app)))(step, context)

function performersOf(ports: TablePorts): Performers<TableStep> {
  return {
    'table.load': (s, c) => load(ports, s, c),
    'table.drop': (s, c) =>
      session(
        ports,
        s,
        c.signal,
        async query => void (await query(`drop schema if exists ${schemaOf(s)} cascade`)),
      ),
    'table.compare': (s, c) => compareTables(ports, s, c),
    'table.merge': (s, c) => mergeTables(ports, s, c),
    'table.copy': (s, c) => copyTable(ports, s, c),
    'table.uncopy': (s, c) => uncopyTable(ports, s, c),
    'table.csv': (s, c) => csv(ports, s, c),
  }
}

/** Loads the rows of the moment into unlogged tables, which are not in the WAL and therefore in no backup. */
async function load(ports: TablePorts, step: Of<'table.load'>, context: StepContext): Promise<string> {
  const schema = schemaOf(step)
  const access = await ownOf(ports)
  const { name: database, app } = access
  const found = await session(ports, step, context.signal, async query => {
    const all = await pairs(ports, step, query)
    await query(`drop schema if exists ${schema} cascade`)
    await query('begin')
    await query(`create schema ${schema}`)
    // By default privileges of the owner, the app's role may use every new schema; not this one.
    await query(`revoke all on schema ${schema} from ${app.user}`)
    await query('commit')
    for (const [n, { there }] of all.entries()) {
      const columns = there.columns.map((_, i) => `c${i + 1} text collate "C"`)
      await query(`create unlogged table ${loaded(step, n)} (${columns.join(', ')})`)
    }
    return all
  })
  const from = await ports.copies.reader(step.copy, access)
  const to = ownerAt((await ports.cluster.place())!, access)
  for (const [n, { there }] of found.entries()) {
    context.say(`reading ${there.label}`)
    const shared = { database, settings: settingsOf(step), scratch: await ports.scratch(step.copy) }
    await ports.rows.move({
      ...shared,
      from,
      to,
      select: `select ${there.columns.map(c => `${c.ident}::text`).join(', ')} from ${there.from}`,
      into: loaded(step, n),
      signal: context.signal,
    })
  }
  return session(ports, step, context.signal, query => counted(query, step, found))
}

async function counted(query: Query, order: Order, found: readonly Pair[]): Promise<string> {
  const said: string[] = []
  for (const [n, { there }] of found.entries()) {
    await query(`analyze ${loaded(order, n)}`)
    const [row] = await query(`select count(*)::text as rows from ${loaded(order, n)}`)
    said.push(`${there.label}: ${count(Number(row!['rows']), 'row')}`)
  }
  await query(`create unlogged table ${schemaOf(order)}.whole as select 1`)
  return said.join('; ')
}

/** Writes the CSV from the copy itself, with the columns in their own types. */
async function csv(ports: TablePorts, step: Of<'table.csv'>, { run, signal }: StepContext): Promise<string> {
  const [{ there }] = (await session(ports, step, signal, query => pairs(ports, step, query))) as [Pair]
  const scratch = await ports.scratch(step.copy)
  const access = await ownOf(ports)
  const from = await ports.copies.reader(step.copy, access)
  const select = `select * from ${there.from}`
  const made = await ports.rows.csv({
    from,
    database: access.name,
    select,
    settings: settingsOf(step),
    scratch,
    signal,
  })
  const { files, home } = ports
  await files.folder(home.tables, 0o700)
  await ports.rename(made, csvFile(ports, run))
  return showSize(await files.size(csvFile(ports, run)))
}
