interface Where {
  /** What the line of headings begins with. */
  head: string
  /** What tells a row from another, from its first cell: rows of one key take the place of each other. */
  key: (first: string) => string
  /** Of two keys. */
  order: (one: string, two: string) => number
}

/** A page with one line of its table new, or in the place of the one with the same key. */
export function withLine(page: string, line: readonly string[], { head, key, order }: Where): string {
  const lines = page.split('\n')
  const at = lines.findIndex(text => text.startsWith(head))
  const end = lines.findIndex((text, n) => n > at && !text.startsWith('|'))
  const keyOf = (row: string): string => key(cells(row)[0]!)
  const row = `| ${line.join(' | ')} |`
  const others = lines.slice(at + 2, end).filter(other => keyOf(other) !== keyOf(row))
  const rows = [...others, row].sort((one, two) => order(keyOf(one), keyOf(two)))
  return [...lines.slice(0, at + 2), ...rows, ...lines.slice(end)].join('\n')
}

/** The names in the line of headings. */
export const headings = (page: string, head: string): string[] =>
  cells(page.split('\n').find(line => line.startsWith(head)) ?? '')

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map(text => text.trim())
