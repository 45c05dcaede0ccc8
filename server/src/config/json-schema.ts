import { z } from 'zod'
import { duration, size, sizeText } from './fields.ts'
import { ConfigFile } from './schema.ts'

export type Json = Record<string, unknown>

export const DURATION = {
  anyOf: [
    { type: 'string', pattern: '^\\s*(\\d+(\\.\\d+)?\\s*(ms|s|m|h|d)\\s*)+$' },
    { type: 'string', const: '0' },
    { type: 'number', const: 0 },
  ],
}
export const SIZE = { type: 'string', pattern: '^\\s*\\d+(\\.\\d+)?\\s*[KMGTkmgt][Ii]?[Bb]\\s*$' }

const UNITS: ReadonlyArray<[string, number]> = [
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
]

/** Milliseconds as in innkeeper.yaml: 600000 is 10m. */
export function durationText(ms: number): string {
  const [unit, length] = UNITS.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1]
  return `${ms / length}${unit}`
}

/**
 * innkeeper.yaml as JSON Schema, for editors. Checks in code, such as a path that stays inside the repository, are
 * missing here: inn check has the last word.
 */
export function jsonSchema(): Json {
  const made = z.toJSONSchema(ConfigFile, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      const unit = unitOf(zodSchema)
      if (unit === null) return
      const value = defaultOf(zodSchema, unit)
      for (const key of Object.keys(jsonSchema)) if (key !== 'description') delete (jsonSchema as Json)[key]
      Object.assign(jsonSchema, unit === 'duration' ? DURATION : SIZE, value)
    },
  })
  const { $schema, ...rest } = made as Json
  return {
    $schema,
    title: 'innkeeper.yaml',
    description: 'What an app is, for Innkeeper',
    ...withEnvironments(withoutEmptyFormat(rest) as Json),
    patternProperties: { '^x-': { description: 'Of your own: anchors for other places of the file' } },
  }
}

/** An environment may have whatever the file has, but not all that the file must have. */
function withEnvironments(schema: Json): Json {
  const properties = schema['properties'] as Record<string, Json>
  const own = Object.keys(properties).filter(key => key !== 'name' && key !== 'environments')
  const environment = {
    type: ['object', 'null'],
    properties: Object.fromEntries(
      own.map(key => [key, { anyOf: [{ $ref: `#/properties/${key}` }, { type: 'null' }] }]),
    ),
    additionalProperties: false,
  }
  const environments = {
    ...properties['environments'],
    additionalProperties: { $ref: '#/$defs/environment' },
  }
  return { ...schema, properties: { ...properties, environments }, $defs: { environment } }
}

interface Walkable {
  def?: { innerType?: unknown; defaultValue?: unknown }
}

/** The unit of a field, looked up below its optional and default wrappers. */
function unitOf(schema: unknown): 'duration' | 'size' | null {
  for (let at = schema; at !== undefined; at = (at as Walkable).def?.innerType) {
    if (same(at, duration)) return 'duration'
    if (same(at, size)) return 'size'
  }
  return null
}

/** Whether two schemas are the same. `describe` copies a schema, but its definition keeps the same inner objects. */
const same = (a: unknown, b: { def: object }): boolean => {
  const def = (a as { def?: { in?: unknown; out?: unknown } }).def
  return def?.out !== undefined && def.out === (b.def as { out?: unknown }).out
}

function defaultOf(schema: unknown, unit: 'duration' | 'size'): Json {
  const value = (schema as Walkable).def?.defaultValue
  if (typeof value !== 'number') return {}
  return { default: unit === 'duration' ? durationText(value) : sizeText(value) }
}

/** Removes zod's `format: starts_with`, which JSON Schema does not know; the pattern beside it means the same. */
function withoutEmptyFormat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyFormat)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === 'format' && inner === 'starts_with'))
      .map(([key, inner]) => [key, withoutEmptyFormat(inner)]),
  )
}
