import type { Query } from '../../apps/databases/migrations.ts'
import type { StepContext } from '../../engine/run.ts'
import type { TableDifference } from '../restores/wire.ts'
import type { TablePorts } from './ports.ts'
import { differing, loaded, pairs, session, whole } from './session.ts'
import type { TableStep } from './step.ts'
import type { Column, Pair, Shape } from './table.ts'

type Texts = Record<string, string | null>

const SAMPLE = 5
const LONGEST_VALUE = 60

/** Counts how the tables differ, and stores the numbers with a few rows as samples. */
export async function compareTables(
  ports: TablePorts,
  step: Extract<TableStep, { kind: 'table.compare' }>,
  { run, signal, say }: StepContext,
): Promise<string> {
  const tables = await session(ports, step, signal, async query => {
    await whole(query, step)
    const all = await pairs(ports, step, query)
    await query('begin transaction isolation level repeatable read')
    const found: TableDifference[] = []
    for (const [n, pair] of all.entries()) {
      say(`comparing ${pair.there.label}`)
      const one = await compare(query, pair, { loaded: loaded(step, n), differing: differing(step, n) })
      found.push({ ...one, goesWith: n < step.tables.length ? null : parentOf(pair, all) })
    }
    await query('commit')
    return found
  })
  const { app, at, says } = step
  await ports.tables.keep({ run, app, at, says, tables })
  return tables.map(sentenceOf).join('; ')
}

/** The table with whose rows those of this one go. */
const parentOf = ({ here }: Pair, all: readonly Pair[]): string | null =>
  here?.parents.find(
    parent => parent.onDelete === 'cascade' && all.some(({ there }) => there.label === parent.table),
  )?.table ?? null

function sentenceOf({ table: name, goesWith, here, differ, alike }: TableDifference): string {
  const table = goesWith === null ? name : `${name} (goes with ${goesWith})`
  if (here === null) return `${table} is not there any more`
  if (differ === null) return alike ? `${table} is as it was` : `${table} is not as it was`
  return `${table}: ${differ.onlyThere} only then, ${differ.onlyHere} only now, ${differ.changed} changed`
}

interface At {
  loaded: string
  differing: string
}

async function compare(query: Query, pair: Pair, at: At): Promise<Omit<TableDifference, 'goesWith'>> {
  const { there, here, onlyThere, onlyHere, key } = pair
  const rows = async (from: string) =>
    Number((await query(`select count(*)::text as rows from ${from}`))[0]!['rows'])
  const shared = {
    table: there.label,
    there: await rows(at.loaded),
    key: key === null ? null : [...key],
    columns: { onlyThere: [...onlyThere], onlyHere: [...onlyHere] },
  }
  if (here === null) return { ...shared, here: null, alike: false, differ: null, samples: NONE }
  const now = await rows(here.from)
  if (key === null) {
    const alike = shared.there === now && (await alikeByHash(query, pair, at))
    return { ...shared, here: now, alike, differ: null, samples: NONE }
  }
  await query(`drop table if exists ${at.differing}`)
  await query(`create unlogged table ${at.differing} as ${differences(pair, key, at)}`)
  await query(`analyze ${at.differing}`)
  const kinds = await query(`select kind, count(*)::text as rows from ${at.differing} group by kind`)
  const of = (kind: string) => Number(kinds.find(row => row['kind'] === kind)?.['rows'] ?? 0)
  const differ = { onlyThere: of('there'), onlyHere: of('here'), changed: of('changed') }
  const samples = await sampled(query, { pair, here, key, at })
  return { ...shared, here: now, alike: kinds.length === 0, differ, samples }
}

const NONE: TableDifference['samples'] = { onlyThere: [], onlyHere: [], changed: [] }

/** A column as text that is compared by bytes, whatever collation the column has. */
const asText = ({ ident }: Column): string => `${ident}::text collate "C"`
const columnOf = (shape: Shape, name: string): Column => shape.columns.find(c => c.name === name)!
/** The column of the scratch table that holds this column's values. */
const place = (shape: Shape, name: string): string => `c${shape.columns.findIndex(c => c.name === name) + 1}`

/** Query for the keys of all rows that differ, with one pass over each side. */
function differences({ there, here, shared }: Pair, key: readonly string[], at: At): string {
  const values = shared.filter(name => !key.includes(name))
  const then = [
    ...key.map((name, i) => `${place(there, name)} as k${i + 1}`),
    ...values.map((name, i) => `${place(there, name)} as v${i + 1}`),
  ]
  const now = [
    ...key.map((name, i) => `${asText(columnOf(here!, name))} as k${i + 1}`),
    ...values.map((name, i) => `${asText(columnOf(here!, name))} as v${i + 1}`),
  ]
  const row = (side: string) => `row(${values.map((_, i) => `${side}.v${i + 1}`).join(', ')})`
  const changed = values.length === 0 ? 'false' : `${row('t')} is distinct from ${row('h')}`
  return `
    select case when h.here is null then 'there' when t.there is null then 'here' else 'changed' end as kind,
           ${key.map((_, i) => `coalesce(t.k${i + 1}, h.k${i + 1}) as k${i + 1}`).join(', ')}
      from (select true as there, ${then.join(', ')} from ${at.loaded}) t
      full join (select true as here, ${now.join(', ')} from ${here!.from}) h
        on ${key.map((_, i) => `t.k${i + 1} = h.k${i + 1}`).join(' and ')}
     where t.there is null or h.here is null or ${changed}`
}

/** Whether both sides hold the same rows, in any order. For tables without a key. */
async function alikeByHash(query: Query, { there, here, shared }: Pair, at: At): Promise<boolean> {
  const hash = async (columns: readonly string[], from: string) => {
    const [row] = await query(
      `select sum(hashtextextended(row(${columns.join(', ')})::text, 0)::numeric)::text as hash from ${from}`,
    )
    return row!['hash']
  }
  const then = await hash(
    shared.map(name => place(there, name)),
    at.loaded,
  )
  const now = await hash(
    shared.map(name => asText(columnOf(here!, name))),
    here!.from,
  )
  return then === now
}

interface Sampled {
  pair: Pair
  here: Shape
  key: readonly string[]
  at: At
}

async function sampled(query: Query, { pair, here, key, at }: Sampled): Promise<TableDifference['samples']> {
  const { there, shared } = pair
  const cut = (text: string, as: string) => `left(${text}, ${LONGEST_VALUE + 1}) as ${as}`
  const ordered = key.map((_, i) => `length(d.k${i + 1}), d.k${i + 1}`).join(', ')
  const few = (kind: string) =>
    `(select * from ${at.differing} d where kind = '${kind}' order by ${ordered} limit ${SAMPLE}) d`
  const then = `join ${at.loaded} t on ${key.map((name, i) => `t.${place(there, name)} = d.k${i + 1}`).join(' and ')}`
  const text = (name: string) => `h.${asText(columnOf(here, name))}`
  const now = `join (select * from ${here.from}) h on ${key.map((name, i) => `${text(name)} = d.k${i + 1}`).join(' and ')}`
  const ask = async (select: readonly string[], from: string) =>
    (await query(`select ${select.join(', ')} from ${from} order by ${ordered}`)) as unknown as Texts[]
  const onlyThere = await ask(
    there.columns.map((_, i) => cut(`t.c${i + 1}`, `v${i}`)),
    `${few('there')} ${then}`,
  )
  const onlyHere = await ask(
    here.columns.map((c, i) => cut(text(c.name), `v${i}`)),
    `${few('here')} ${now}`,
  )
  const both = shared.flatMap((name, i) => {
    const [was, is] = [`t.${place(there, name)}`, text(name)]
    return [cut(was, `a${i}`), cut(is, `b${i}`), `${was} is distinct from ${is} as d${i}`]
  })
  const changed = await ask(both, `${few('changed')} ${then} ${now}`)
  return {
    onlyThere: onlyThere.map(row => named(there.columns, row)),
    onlyHere: onlyHere.map(row => named(here.columns, row)),
    changed: changed.map(row => change(row, shared, key)),
  }
}

const shorten = (text: string | null | undefined): string | null =>
  text == null ? null : text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text

const named = (columns: readonly Column[], row: Texts): Texts =>
  Object.fromEntries(columns.map(({ name }, i) => [name, shorten(row[`v${i}`])]))

function change(row: Texts, shared: readonly string[], key: readonly string[]) {
  const value = (side: 'a' | 'b', name: string) => shorten(row[`${side}${shared.indexOf(name)}`])
  return {
    key: Object.fromEntries(key.map(name => [name, value('a', name)])),
    columns: shared
      .filter((_, i) => (row[`d${i}`] as unknown) === true)
      .map(name => ({ name, there: value('a', name), here: value('b', name) })),
  }
}
