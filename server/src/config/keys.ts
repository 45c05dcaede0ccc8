import { DURATION, type Json, jsonSchema, SIZE } from './json-schema.ts'

export interface Key {
  /** services.*.health.path */
  path: string
  description: string
  default: unknown
  required: boolean
  type: string
}

/** Every key that innkeeper.yaml may have, in its order. `*` stands for a name that the app chooses, or an entry of a list. */
export function keys(): Key[] {
  return below(jsonSchema(), '')
}

function below(schema: Json, prefix: string): Key[] {
  const required = (schema['required'] ?? []) as string[]
  const own = Object.entries((schema['properties'] ?? {}) as Record<string, Json>).flatMap(
    ([name, inner]) => [
      {
        path: prefix + name,
        description: String(inner['description'] ?? ''),
        default: inner['default'],
        required: required.includes(name),
        type: typeOf(inner),
      },
      ...below(inner, `${prefix}${name}.`),
    ],
  )
  const any = schema['additionalProperties']
  const free = typeof any === 'object' && any !== null ? below(any as Json, `${prefix}*.`) : []
  const items = schema['items'] === undefined ? [] : below(schema['items'] as Json, `${prefix}*.`)
  const branches = ((schema['anyOf'] ?? []) as Json[]).flatMap(branch => below(branch, prefix))
  return [...own, ...free, ...items, ...branches].filter(
    (key, i, all) => all.findIndex(other => other.path === key.path) === i,
  )
}

/** The type of a key in words for operators. */
function typeOf(schema: Json): string {
  const {
    anyOf,
    enum: values,
    type,
    pattern,
  } = schema as { anyOf?: Json[]; enum?: string[]; type?: string | string[]; pattern?: string }
  if ('const' in schema) return String(schema['const'])
  if (values !== undefined) return values.join(' or ')
  if (JSON.stringify(anyOf) === JSON.stringify(DURATION.anyOf)) return 'duration'
  if (pattern === SIZE.pattern) return 'size'
  if (anyOf !== undefined) return [...new Set(anyOf.map(typeOf))].join(' or ')
  if (type === 'integer') return 'number'
  if (type === 'array') return 'list'
  if (type === 'object') return 'mapping'
  if (type === 'string') return 'text'
  return type === 'boolean'
    ? 'true or false'
    : Array.isArray(type)
      ? type.join(' or ')
      : String(type ?? 'anything')
}

/** A Markdown table of the keys directly below a path, for the reference: `services.*` → root, node, … */
function keyTable(section: string): string {
  const prefix = section === '' ? '' : `${section}.`
  const rows = keys()
    .filter(key => key.path.startsWith(prefix) && !key.path.slice(prefix.length).includes('.'))
    .map(key => [
      `\`${key.path.slice(prefix.length)}\``,
      key.type,
      defaultText(key),
      key.description.replaceAll('|', '\\|'),
    ])
  return [['key', 'type', 'default', 'meaning'], ['---', '---', '---', '---'], ...rows]
    .map(row => `| ${row.join(' | ')} |`)
    .join('\n')
}

function defaultText(key: Key): string {
  if (key.required) return 'required'
  const none =
    key.default === undefined ||
    (typeof key.default === 'object' && key.default !== null && Object.keys(key.default).length === 0)
  return none ? '' : `\`${String(key.default)}\``
}

/** Fills every table of the reference, between `<!-- keys: X -->` and `<!-- end -->`. */
export const fillTables = (text: string): string =>
  text.replaceAll(
    /<!-- keys: ?(\S*) -->[\s\S]*?<!-- end -->/g,
    (_all, section: string) => `<!-- keys: ${section} -->\n\n${keyTable(section)}\n\n<!-- end -->`,
  )
