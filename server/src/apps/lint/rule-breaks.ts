import type { ServedStatement } from './facts.ts'
import type { Draft } from './finding.ts'
import type { Of } from './op.ts'
import { askedBy, isUsed, type Place, quote, show, tableAt } from './place.ts'

/** What is not asked for as long as this is taken for not needed, in milliseconds. */
const QUIET_MS = 86_400_000

interface Gone extends Pick<Draft, 'rule' | 'what' | 'safe' | 'fix'> {
  asked: ServedStatement[] | null
  /** Worth saying even when nobody asks for it. */
  loses?: boolean
}

/** Something that goes away, or gets another name, while a release serves that may ask for it. */
function gone(place: Place, { asked, loses = false, ...said }: Gone): Draft[] {
  const { served, live } = place.known
  if (asked === null || served === null)
    return [
      {
        ...{ ...said, level: 'warning' },
        why: 'the release that serves may ask for it until it is stopped; nobody counts what it asks',
      },
    ]
  const one = asked.toSorted((a, b) => b.lastAsked - a.lastAsked)[0]
  if (one !== undefined)
    return [
      {
        ...{ ...said, level: 'bad' },
        why: `${served.release}, which serves, asks for it: ${shorten(one.text)} (${asked.length === 1 ? 'one statement' : `${asked.length} statements`}, last seen ${ago((live?.at ?? one.lastAsked) - one.lastAsked)})`,
      },
    ]
  const for_ = (live?.at ?? served.since) - served.since
  return [
    {
      ...{ ...said, level: loses || for_ < QUIET_MS ? 'warning' : 'note' },
      why: `nothing that ${served.release} was seen to ask names it, ${for_ < QUIET_MS ? `but that is looked at for ${ago(for_).replace(' ago', '')} only` : `since ${ago(for_)}`}${served.unread > 0 ? `; ${served.unread} statements could not be read` : ''}`,
    },
  ]
}

const shorten = (sql: string): string => {
  const line = sql.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line
}

function ago(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 1) return 'within the last minute'
  if (minutes < 120) return `${minutes} min ago`
  return minutes < 2_880 ? `${Math.round(minutes / 60)} h ago` : `${Math.round(minutes / 1_440)} days ago`
}

export function columnDropped(place: Place, { table, column }: Of<'column.drop'>): Draft[] {
  if (!isUsed(place, table)) return []
  return gone(place, {
    rule: 'column.dropped',
    what: `${quote(column)} of ${show(table)} is dropped`,
    asked: askedBy(place, table, column),
    loses: true,
    fix: 'first deploy a release that does not name it (Prisma and Drizzle name every column of their schema), then drop it with the next one',
  })
}

export function columnRenamed(place: Place, { table, column, to }: Of<'column.rename'>): Draft[] {
  if (!isUsed(place, table)) return []
  return gone(place, {
    rule: 'column.renamed',
    what: `${quote(column)} of ${show(table)} becomes ${quote(to)}`,
    asked: askedBy(place, table, column),
    safe: [`alter table ${show(table)} add column ${quote(to)} …`],
    fix: `write both from a release on, fill ${quote(to)} in batches, read it from the next release on, then drop ${quote(column)}; or keep the name, and map it in the code`,
  })
}

export function tableDropped(place: Place, { table }: Of<'table.drop' | 'view.drop'>): Draft[] {
  if (!isUsed(place, table)) return []
  const rows = tableAt(place, table)?.rows ?? 0
  return gone(place, {
    rule: 'table.dropped',
    what: `${show(table)} is dropped${rows > 0 ? `, with its ${rows.toLocaleString('en-US')} rows` : ''}`,
    asked: askedBy(place, table),
    loses: rows > 0,
    fix: 'first deploy a release that does not name it; a new name for some days (`alter table … rename to …`) shows whether somebody misses it. Where backups are on, the restore point before this deploy has its rows',
  })
}

export function tableRenamed(place: Place, { table, to, schema }: Of<'table.rename'>): Draft[] {
  if (!isUsed(place, table)) return []
  const after = show({ schema, name: to })
  const change =
    schema === table.schema ? `rename to ${quote(to)}` : `set schema ${quote(schema ?? 'public')}`
  return gone(place, {
    rule: 'table.renamed',
    what: `${show(table)} becomes ${after}`,
    asked: askedBy(place, table),
    safe: [`alter table ${show(table)} ${change}`, `create view ${show(table)} as select * from ${after}`],
    fix: 'both in one transaction: the release that serves goes on through the view, which takes writes, too',
  })
}

export function enumRenamed(place: Place, { type, value, to }: Of<'enum.rename'>): Draft[] {
  if (place.known.empty) return []
  return [
    {
      ...{
        rule: 'enum.renamed',
        level: 'warning',
        what: `the value ${value} of ${show(type)} becomes ${to}`,
      },
      why: 'the release that serves writes and compares the old one until it is stopped',
      safe: [`alter type ${show(type)} add value '${to.replaceAll("'", "''")}'`],
      fix: 'write the new value from a release on, change the rows in batches, and leave the old one unused',
    },
  ]
}

export function becomesNull(place: Place, { table, column }: Of<'column.null'>): Draft[] {
  if (!isUsed(place, table)) return []
  return [
    {
      ...{ rule: 'column.null', level: 'note', what: `${quote(column)} of ${show(table)} may be null` },
      why: 'the release that serves may not expect that: it reads rows that the new one writes',
      fix: 'write no null before all of what serves can read it',
    },
  ]
}

export function emptied(place: Place, { table, cascade }: Of<'table.truncate'>): Draft[] {
  if (!isUsed(place, table)) return []
  const rows = tableAt(place, table)?.rows ?? null
  if (rows === 0) return []
  return [
    {
      ...{ rule: 'table.emptied', level: 'warning' },
      what: `${show(table)} is emptied${cascade ? ', and every table that refers to it, and those that refer to these' : ''}`,
      why: `it has ${rows === null ? 'rows of which nobody knows how many' : `${rows.toLocaleString('en-US')} rows`}; whoever asks it meanwhile waits`,
      fix: cascade ? 'name each table instead of `cascade`' : null,
    },
  ]
}
