import { ConfigFile } from './schema.ts'

interface Walkable {
  shape?: Record<string, unknown>
  def?: { innerType?: unknown; valueType?: unknown; element?: unknown; options?: unknown[]; in?: unknown }
}

/** The keys that the schema knows at a path, for "did you mean". */
export function keysAt(path: readonly PropertyKey[]): string[] {
  let at: unknown = ConfigFile
  for (const step of path) at = child(at, String(step))
  return Object.keys(shape(at) ?? {})
}

/** Whether a value at a path is one of several kinds of mapping: then two of them do not make one. */
export function isChoice(path: readonly PropertyKey[]): boolean {
  let at: unknown = ConfigFile
  for (const step of path) at = child(at, String(step))
  return kinds(at).length > 1
}

/** The kinds of mapping that a value may be. */
function kinds(schema: unknown): unknown[] {
  const { shape: own, def } = (schema ?? {}) as Walkable
  if (own !== undefined || def?.valueType !== undefined) return [schema]
  const inner = def?.innerType ?? def?.in
  return inner === undefined ? (def?.options ?? []).flatMap(kinds) : kinds(inner)
}

function shape(schema: unknown): Record<string, unknown> | null {
  const { shape: own, def } = (schema ?? {}) as Walkable
  if (own !== undefined) return own
  if (def?.innerType !== undefined) return shape(def.innerType)
  // What is read and then made into something else.
  if (def?.in !== undefined) return shape(def.in)
  // The keys of all branches of a union are known there: `generate` of one, `from` of another.
  const shapes = (def?.options ?? []).map(shape).filter(found => found !== null)
  return shapes.length === 0 ? null : Object.assign({}, ...shapes)
}

function child(schema: unknown, key: string): unknown {
  const { def } = (schema ?? {}) as Walkable
  if (def?.valueType !== undefined) return def.valueType
  if (def?.element !== undefined) return def.element
  const known = shape(schema)
  return known?.[key] ?? (def?.innerType === undefined ? undefined : child(def.innerType, key))
}
