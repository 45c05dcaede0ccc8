import type { Name } from '../../apps/lint/op.ts'

/** A node of PostgreSQL's parse tree as JSON. What is not set, zero or false is left out of it. */
export type Node = Record<string, unknown>

export const node = (value: unknown): Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Node) : {}
export const nodes = (value: unknown): Node[] => (Array.isArray(value) ? value.map(node) : [])
export const text = (value: unknown): string | null => (typeof value === 'string' ? value : null)

/** A node that stands in a list or a choice as `{ Kind: { … } }`. */
export const inside = (value: unknown): { kind: string; body: Node } => {
  const [entry] = Object.entries(node(value))
  return entry === undefined ? { kind: '', body: {} } : { kind: entry[0], body: node(entry[1]) }
}

/** The texts of a list of `String` nodes. */
export const strings = (value: unknown): string[] =>
  nodes(value).flatMap(one => text(node(one['String'])['sval']) ?? [])

export const nameOf = (parts: readonly string[]): Name => ({
  schema: parts.length > 1 ? parts.at(-2)! : null,
  name: parts.at(-1) ?? '',
})

/** Of a `RangeVar`. */
export const tableOf = (range: unknown): Name => {
  const { relname, schemaname } = node(range)
  return { schema: text(schemaname), name: text(relname) ?? '' }
}

/** Each node of a tree, with its kind; the top first. */
export function* walk(value: unknown): Generator<{ kind: string; body: Node }> {
  const waiting: unknown[] = [value]
  while (waiting.length > 0) {
    const one = waiting.pop()
    if (Array.isArray(one)) waiting.push(...one.toReversed())
    else if (typeof one === 'object' && one !== null)
      for (const [kind, body] of Object.entries(one).reverse()) {
        if (typeof body !== 'object' || body === null) continue
        if (!Array.isArray(body)) yield { kind, body: node(body) }
        waiting.push(body)
      }
  }
}

/** Constants of text in a tree. */
export const constants = (tree: unknown): string[] =>
  [...walk(tree)].flatMap(({ kind, body }) =>
    kind === 'A_Const' ? (text(node(body['sval'])['sval']) ?? []) : [],
  )
