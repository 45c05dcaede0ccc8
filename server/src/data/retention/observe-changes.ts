import type { Query } from '../../apps/databases/migrations.ts'
import { readTables } from '../../apps/masks/observe.ts'
import { unfit as whyNot } from '../../apps/masks/rule-kinds.ts'
import { list } from '../../kernel/words.ts'
import { unfit } from './observe.ts'
import type { Named, Shape } from './retention.ts'
import type { Change } from './rule-sql.ts'

/** What a rule makes of which columns; of one that anonymises nothing: none. Failure `retention.table`. */
export async function changesOf(query: Query, rule: Named, shape: Shape): Promise<Change[]> {
  if (typeof rule.do === 'string') return []
  const table = (await readTables(query)).find(({ key }) => key === shape.label)
  return Object.entries(rule.do.anonymise).map(([name, kind]) => {
    const column = table?.columns.find(one => one.name === name)
    const type = shape.columns.find(one => one.name === name)?.type
    const correct = 'correct `anonymise:`'
    if (column === undefined || type === undefined) {
      const known = list(shape.columns.map(one => one.name))
      throw unfit(rule.name, `${shape.label} has no column ${name}, but ${known}`, correct)
    }
    if (column.generated) throw unfit(rule.name, `${name} is made of other columns`, correct)
    const why = whyNot(kind, column)
    if (why !== null) throw unfit(rule.name, `${name}: ${why}`, correct)
    return { column, type, kind }
  })
}
