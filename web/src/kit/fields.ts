import { z } from 'zod'

export interface Field {
  name: string
  type: 'text' | 'email' | 'number' | 'choice'
  required: boolean
  choices: readonly string[]
  min?: number
  max?: number
  initial: string
}

interface Property {
  type?: string
  format?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  default?: unknown
}

/** The fields of a form, read from a schema of the API. */
export function fieldsOf(schema: z.ZodObject): Field[] {
  const json = z.toJSONSchema(schema, { io: 'input' })
  const required = new Set(json.required ?? [])
  return Object.entries((json.properties ?? {}) as Record<string, Property>).map(([name, property]) => ({
    name,
    type: typeOf(property),
    required: required.has(name),
    choices: property.enum ?? [],
    min: property.minimum,
    max: property.maximum,
    initial: property.default === undefined ? '' : String(property.default),
  }))
}

function typeOf(property: Property): Field['type'] {
  if (property.enum) return 'choice'
  if (property.type === 'integer' || property.type === 'number') return 'number'
  return property.format === 'email' ? 'email' : 'text'
}

/** The typed values as input for the schema. Empty fields are left out. */
export function readFields(fields: readonly Field[], data: FormData): Record<string, unknown> {
  const typed = fields.map(field => [field, String(data.get(field.name) ?? '').trim()] as const)
  return Object.fromEntries(
    typed
      .filter(([, value]) => value !== '')
      .map(([field, value]) => [field.name, field.type === 'number' ? Number(value) : value]),
  )
}
