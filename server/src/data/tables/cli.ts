import { open, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { appName, type Cli, change } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { Failure } from '../../kernel/failure.ts'
import { count, list } from '../../kernel/words.ts'
import type { TableComparison, TableDifference } from '../restores/wire.ts'

interface Order {
  tables: readonly string[]
  merge: boolean
  copy?: string | undefined
  csv?: string | undefined
  plan: boolean
  yes: boolean
  moment: Record<string, unknown>
  /** The moment as it was given, to print the commands that may come next. */
  to: { to?: string | undefined; backup?: string | undefined; point?: string | undefined }
}

/** inn restore --table */
export async function restoreTable(cli: Cli, named: string | undefined, order: Order): Promise<void> {
  const { tables, merge, copy, csv, plan, moment } = order
  const app = await appName(cli, named)
  await change(cli, {
    path: `/api/apps/${app}/restore/tables`,
    body: { ...moment, tables, merge, copy, csv: csv !== undefined },
    plan,
    confirm: merge && !order.yes && !cli.json ? 'put the missing rows back?' : null,
    async shows(run) {
      const found = await cli.client.get<TableComparison>(`/api/restores/tables/${run}`)
      const file = csv === undefined ? null : resolve(csv)
      if (file !== null) await save(cli, run, file)
      const only = !merge && copy === undefined && file === null
      const said = [
        ...found.tables.map(t => describe(t, { only, copy }, cli.terminal)),
        ...(file === null ? [] : [`the rows as they were are in ${file}`]),
        ...(only && found.tables.some(t => !t.alike) ? [next(app, found, order)] : []),
        ...(merge ? went(app, found, order) : []),
      ]
      return { facts: { tables: found.tables, ...(file === null ? {} : { file }) }, text: said.join('\n') }
    },
  })
}

/** Saves the CSV, whole or not at all: a truncated file looks like a complete one. */
async function save(cli: Cli, run: string, path: string): Promise<void> {
  const half = `${path}.part`
  const file = await open(half, 'w', 0o600).catch((error: Error) => {
    throw new Failure('usage.csv', `${path} cannot be written`, {
      why: error.message,
      fix: 'name a file in a folder that is there and yours: --csv guests.csv',
    })
  })
  try {
    for await (const chunk of cli.client.download(`/api/restores/tables/${run}/csv`)) await file.write(chunk)
  } catch (error) {
    await rm(half, { force: true })
    throw error
  } finally {
    await file.close()
  }
  await rename(half, path)
}

/** The command for these tables and the same moment. */
function again(app: string, found: TableComparison, { to }: Order): (names: readonly string[]) => string {
  const at = to.point ? `--point ${to.point}` : to.backup ? `--backup ${to.backup}` : `--to ${found.at}`
  return names => `  inn restore ${app} --table ${quote(names.join(','))} ${at}`
}

const missing = ({ differ }: TableDifference): boolean => (differ?.onlyThere ?? 0) > 0

/** Tables that were not named, and whose rows went with rows of those. */
const gone = ({ tables }: TableComparison): string[] =>
  tables.filter(t => t.goesWith !== null && missing(t)).map(t => t.table)

/** After a merge: what went with the rows that are back, and is not back itself. */
function went(app: string, found: TableComparison, order: Order): string[] {
  const names = gone(found)
  if (names.length === 0) return []
  return [
    `rows of ${list(names)} went with them, and are not back; next:`,
    `${again(app, found, order)(names)} --merge   puts these back too`,
  ]
}

/** The commands that may come next, for the same moment. */
function next(app: string, found: TableComparison, order: Order): string {
  const of = again(app, found, order)
  const one = of([found.tables.find(t => !t.alike)!.table])
  const children = gone(found)
  const all = [...order.tables, ...children]
  return [
    'next:',
    ...(found.tables.some(missing)
      ? [`${of(order.tables)} --merge   puts the missing rows back, and leaves all others`]
      : []),
    ...(children.length > 0
      ? [`${of(all)} --merge   with the rows of ${list(children)} that went with them`]
      : []),
    `${one} --copy NAME   makes a table of the rows as they were`,
    `${one} --csv FILE   writes them to a file`,
  ].join('\n')
}

/** Quotes a word for the shell when needed. */
const quote = (text: string): string =>
  /^[\w.,:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

interface Shown {
  /** Nothing was done with the rows, so some of them are shown. */
  only: boolean
  /** The table that was made of the rows. */
  copy: string | undefined
}

function describe(found: TableDifference, { only, copy }: Shown, { paint, width }: Terminal): string {
  const { onlyThere, onlyHere } = found.columns
  const { samples } = found
  const said = [
    `${paint('bold', found.table)}${found.goesWith === null ? '' : `  its rows go with those of ${found.goesWith}`}`,
    `  ${sentence(found, copy)}`,
    ...(onlyThere.length === 0 ? [] : [`  columns that were there: ${list(onlyThere)}`]),
    ...(onlyHere.length === 0 ? [] : [`  columns that came since: ${list(onlyHere)}`]),
  ]
  if (!only) return said.join('\n')
  const few = [
    ...rows('only then', samples.onlyThere),
    ...rows('only now', samples.onlyHere),
    ...(samples.changed.length === 0 ? [] : ['  changed', changes(samples.changed)]),
  ]
  const fits = (line: string) => (line.length > width ? `${line.slice(0, width - 1)}…` : line)
  return [...said, ...few.flatMap(text => text.split('\n')).map(fits)].join('\n')
}

function sentence({ there, here, differ, alike, table: name }: TableDifference, copy?: string): string {
  if (here === null && copy !== undefined)
    return `${count(there, 'row')} then; it was not there any more, and is back as ${copy}`
  if (here === null)
    return `${count(there, 'row')} then; it is not there any more: --copy ${name} brings it back`
  const counts = `${count(there, 'row')} then, ${here} now`
  if (alike) return `${counts}: nothing differs`
  if (differ === null) return `${counts}: they differ; no key tells which`
  return `${counts}: ${differ.onlyThere} only then, ${differ.onlyHere} only now, ${differ.changed} changed`
}

type Values = TableDifference['samples']['onlyThere'][number]

const show = (value: string | null): string => (value === null ? 'null' : value.replaceAll(/\s+/g, ' '))
const indent = (text: string): string => text.replaceAll(/^/gm, '    ')

function rows(title: string, samples: readonly Values[]): string[] {
  if (samples.length === 0) return []
  const names = Object.keys(samples[0]!)
  const lines = table(
    names,
    samples.map(row => names.map(name => show(row[name] ?? null))),
  )
  return [`  ${title}`, indent(lines)]
}

function changes(changed: TableDifference['samples']['changed']): string {
  const lines = changed.flatMap(({ key, columns }) =>
    columns.map(({ name, there, here }) => [
      Object.values(key).map(show).join(', '),
      name,
      show(there),
      show(here),
    ]),
  )
  return indent(table([Object.keys(changed[0]!.key).join(', '), 'COLUMN', 'THEN', 'NOW'], lines))
}
