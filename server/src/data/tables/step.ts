import type { Sentences } from '../../engine/plan.ts'
import { list } from '../../kernel/words.ts'

interface OfTables {
  app: string
  /** Name of the copy of the cluster; the scratch schema is named after it. */
  copy: string
  /** The tables, as the person named them. */
  tables: readonly string[]
}

/** Labels of tables whose rows go with rows of those: they are compared too, after them. */
interface WithChildren {
  children?: readonly string[]
}

/** The steps that restore single tables, as data. Each may run twice. */
export type TableStep =
  | (OfTables & WithChildren & { kind: 'table.load' })
  | (OfTables & { kind: 'table.drop' })
  | (OfTables & WithChildren & { kind: 'table.compare'; at: number; says: string })
  | (OfTables & { kind: 'table.merge' })
  | (OfTables & { kind: 'table.copy'; name: string; says: string })
  | (OfTables & { kind: 'table.uncopy'; name: string })
  | (OfTables & { kind: 'table.csv' })

export const tableSentences: Sentences<TableStep> = {
  'table.load': s =>
    `load ${list([...s.tables, ...(s.children ?? [])])} from the copy into a scratch schema of ${s.app} that only its owner can read`,
  'table.drop': () => 'remove the scratch schema',
  'table.compare': s => `compare ${list([...s.tables, ...(s.children ?? [])])}, row by row`,
  'table.merge': s => `insert the missing rows into ${list(s.tables)}, all or none`,
  'table.copy': s => `make the table ${s.name} of the rows as they were`,
  'table.uncopy': s => `remove the table ${s.name}`,
  'table.csv': s => `write ${list(s.tables)} as CSV`,
}
