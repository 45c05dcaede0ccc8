// biome-ignore-all lint/a11y/noRedundantRoles: a table shown as blocks on a phone loses its own roles
import type { ReactNode } from 'react'

export interface Column<T> {
  head: string
  cell: (row: T) => ReactNode
  right?: boolean
  /** On a phone, the column has the whole width. `title`: its label is hidden too. */
  wide?: true | 'title'
}

interface Props<T> {
  label: string
  columns: ReadonlyArray<Column<T>>
  rows: readonly T[]
  id: (row: T) => string
}

/** A table. On a phone each row becomes a card; the roles keep it a table for screen readers. */
export function Table<T>({ label, columns, rows, id }: Props<T>) {
  return (
    <table role="table" aria-label={label} className="stack w-full border-collapse">
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(column => (
            <th
              key={column.head}
              role="columnheader"
              scope="col"
              className={column.right ? 'right' : undefined}
            >
              {column.head}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map(row => (
          <tr key={id(row)} role="row">
            {columns.map(column => (
              <td
                key={column.head}
                role="cell"
                data-label={column.head}
                data-wide={column.wide}
                className={column.right ? 'right' : undefined}
              >
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
