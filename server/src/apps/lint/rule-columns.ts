import { rewriteMs } from './cost.ts'
import type { Draft } from './finding.ts'
import type { Column, Name, Of } from './op.ts'
import { askedBy, isUsed, type Place, quote, show, tableAt } from './place.ts'
import { constrained, locked } from './rule-locks.ts'

const SERIAL = /^(small|big)?serial[248]?$/
/** PostgreSQL's own functions that give another value at each call. What an app defined is looked up in its database. */
const VOLATILE = new Set([
  ...['random', 'gen_random_uuid', 'uuidv4', 'uuidv7', 'uuid_generate_v1', 'uuid_generate_v1mc'],
  ...['uuid_generate_v4', 'clock_timestamp', 'timeofday', 'nextval', 'gen_random_bytes', 'txid_current'],
])

export function columnAdded(place: Place, { table, column }: Of<'column.add'>): Draft[] {
  if (!isUsed(place, table)) return []
  return [
    ...required(place, table, column),
    ...filled(place, table, column),
    ...column.constraints.flatMap(one =>
      // The rows that are there have no value yet, or all the same: nothing is found among them that a check would refuse.
      one.kind === 'foreign' && column.default === null ? [] : constrained(place, table, one),
    ),
  ]
}

function required(place: Place, table: Name, column: Column): Draft[] {
  const given = column.default !== null || column.generated || column.identity || SERIAL.test(column.type)
  if (!column.notNull || given) return []
  const rows = tableAt(place, table)?.rows ?? null
  const written = askedBy(place, table)?.some(({ text }) => /^\s*(with\b|insert\b)/i.test(text)) === true
  const on = `alter table ${show(table)}`
  const name = quote(column.name)
  return [
    {
      rule: 'column.required',
      level: (rows !== null && rows > 0) || written ? 'bad' : 'warning',
      what:
        rows !== null && rows > 0
          ? `${name} cannot be added to ${show(table)}: its ${rows.toLocaleString('en-US')} rows would have no value`
          : `${name} of ${show(table)} has to have a value, and the release that serves gives none`,
      why: 'it is not null and has no default: each insert that does not name it fails from then on',
      safe: [`${on} add column ${name} ${column.type}`],
      fix: 'give it a default; or let it be null, write it from the next release on, fill what is there, then make it not null',
    },
  ]
}

/** What is computed for each row makes PostgreSQL write all of them. */
function filled(place: Place, table: Name, column: Column): Draft[] {
  const name = quote(column.name)
  const on = `alter table ${show(table)}`
  const own = place.known.live?.volatile ?? []
  const another = column.default?.functions.find(one => VOLATILE.has(one) || own.includes(one))
  if (another !== undefined)
    return locked(place, {
      ...{ rule: 'column.volatile', table, waits: 'all', cost: rewriteMs },
      what: `${show(table)} is written anew, because ${name} gets another ${another}() in each row`,
      why: 'whoever reads or writes it waits meanwhile',
      safe: [
        `${on} add column ${name} ${column.type}`,
        `${on} alter column ${name} set default ${another}()`,
      ],
      fix: 'then fill the rows that are there in batches',
    })
  if (!column.generated && !column.identity && !SERIAL.test(column.type)) return []
  return locked(place, {
    ...{ rule: 'column.generated', table, waits: 'all', cost: rewriteMs },
    what: `${show(table)} is written anew, because ${name} is computed for each row`,
    why: 'whoever reads or writes it waits meanwhile',
    fix: 'a plain column, which a trigger or the app fills; what is there in batches',
  })
}

/** Habits of types, for columns of new tables and new columns. */
export function typeHabits(column: Column): Draft[] {
  const name = quote(column.name)
  const isKey = column.constraints.some(({ kind }) => kind === 'primary')
  const says = (rule: Draft['rule'], what: string, why: string, fix: string): Draft => ({
    ...{ rule, level: 'note', what, why, fix },
  })
  const { type } = column
  if (type === 'bpchar')
    return [says('type.char', `${name} is char(n)`, 'values are padded with spaces up to n', 'text')]
  if (type === 'varchar' && column.size.length > 0)
    return [
      says(
        'type.varchar',
        `${name} is varchar(${column.size[0]})`,
        'a smaller bound later looks at all rows',
        'text with a check',
      ),
    ]
  if (SERIAL.test(type))
    return [
      says(
        'type.serial',
        `${name} is ${type}`,
        'its sequence has rights and an owner of its own',
        'bigint generated always as identity',
      ),
      ...(isKey && type !== 'bigserial' && type !== 'serial8' ? [small(name, says)] : []),
    ]
  if (isKey && (type === 'int4' || type === 'int2')) return [small(name, says)]
  if (type === 'timestamp')
    return [
      says('type.timestamp', `${name} is timestamp`, 'it does not say of which zone it is', 'timestamptz'),
    ]
  return type === 'json'
    ? [says('type.json', `${name} is json`, 'it has no equality: distinct, group by and union fail', 'jsonb')]
    : []
}

const small = (
  name: string,
  says: (rule: Draft['rule'], what: string, why: string, fix: string) => Draft,
): Draft => says('type.int-key', `the key ${name} has 32 bits or fewer`, 'it ends at 2,147,483,647', 'bigint')
