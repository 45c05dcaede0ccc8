import type { Name, Uses } from '../../apps/lint/op.ts'
import { strings, tableOf, text, walk } from './nodes.ts'

/** Which tables a statement names, and which words in it may be columns of theirs. Names that `with` gives are no tables. */
export function usesOf(tree: unknown): Uses {
  const own = new Set<string>()
  const tables: Name[] = []
  const columns = new Set<string>()
  let all = false
  for (const { kind, body } of walk({ tree })) {
    if (kind === 'CommonTableExpr') own.add(text(body['ctename']) ?? '')
    if (kind === 'RangeVar' || kind === 'relation') tables.push(tableOf(body))
    if (kind === 'ColumnRef') {
      const fields = body['fields'] as unknown[] | undefined
      for (const name of strings(fields)) columns.add(name)
      if (fields?.some(field => Object.hasOwn(field as object, 'A_Star')) === true) all = true
    }
    // Columns that an insert or an update sets.
    if (kind === 'ResTarget' && body['name'] !== undefined) columns.add(text(body['name'])!)
    if (kind === 'InferClause' || kind === 'IndexElem')
      if (text(body['name']) !== null) columns.add(text(body['name'])!)
  }
  const named = tables.filter(({ schema, name }) => name !== '' && (schema !== null || !own.has(name)))
  return { tables: named, columns: [...columns], all }
}
