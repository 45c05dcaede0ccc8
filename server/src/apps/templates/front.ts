import { parseDocument } from 'yaml'

/** A template without its head, and what the head says. */
export interface Front {
  /** The text below the head, with an empty line for each of the head's, so that lines keep their numbers. */
  body: string
  /** Still a template; null: none is said. */
  subject: string | null
  sample: Readonly<Record<string, unknown>>
}

const HEAD = /^---\r?\n([\s\S]*?)(?:\r?\n)?---[ \t]*(?:\r?\n|$)/

/** Reads the head of a template: YAML between two lines of `---`. `problem`: what is wrong with it. */
export function frontOf(text: string): Front | { problem: string } {
  const [head, yaml] = HEAD.exec(text) ?? []
  if (head === undefined || yaml === undefined) return { body: text, subject: null, sample: {} }
  const document = parseDocument(yaml, { prettyErrors: false })
  if (document.errors[0] !== undefined)
    return { problem: `its head is no YAML: ${document.errors[0].message}` }
  const { subject = null, sample = {}, ...rest } = (plainOf(document) ?? {}) as Record<string, unknown>
  const [unknown] = Object.keys(rest)
  if (unknown !== undefined) return { problem: `its head has subject and sample, and no ${unknown}` }
  if (subject !== null && (typeof subject !== 'string' || /[\r\n]/.test(subject)))
    return { problem: 'its subject is one line of text' }
  if (!isMapping(sample)) return { problem: 'its sample has names with values: { name: Ada }' }
  return { body: '\n'.repeat(head.split('\n').length - 1) + text.slice(head.length), subject, sample }
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Aliases of aliases would expand without end. */
function plainOf(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 })
  } catch {
    return { 'alias that ends': null }
  }
}
