import { ConfigFile, type ConfigInput } from './schema.ts'

type Path = readonly PropertyKey[]

export interface Salvaged {
  input: ConfigInput
  /** What was taken out or stood in for: problems at these places, and of names below them, are known already. */
  removed: Path[]
}

/** How often what is wrong is taken out: each time brings to light at most what stood below it. */
const ROUNDS = 5

/**
 * What is left of a file when every value that the schema refuses is taken out, so that problems between its keys are
 * told in the same breath as those of single keys. null: nothing that could be looked at is left.
 */
export function salvage(value: unknown): Salvaged | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
  const left = structuredClone(value) as Record<string, unknown>
  const removed: Path[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const parsed = ConfigFile.safeParse(left)
    if (parsed.success) return { input: parsed.data, removed }
    for (const issue of parsed.error.issues) {
      const keys = issue.code === 'unrecognized_keys' ? issue.keys : []
      const paths = keys.length > 0 ? keys.map(key => [...issue.path, key]) : [issue.path]
      for (const path of paths) {
        removed.push(path)
        takeOut(left, path)
      }
    }
  }
  return null
}

function takeOut(left: Record<string, unknown>, path: Path): void {
  if (path.length === 1 && path[0] === 'name') {
    left['name'] = 'app'
    return
  }
  const parents: Array<Record<PropertyKey, unknown>> = [left]
  for (const key of path.slice(0, -1)) {
    const next = parents.at(-1)![key]
    if (typeof next !== 'object' || next === null) return
    parents.push(next as Record<PropertyKey, unknown>)
  }
  const [last, parent] = [path.at(-1)!, parents.at(-1)!]
  // What is missing cannot be taken out: the mapping that lacks it goes instead.
  if (!Object.hasOwn(parent, last) && path.length > 1) takeOut(left, path.slice(0, -1))
  else if (Array.isArray(parent)) parent.splice(Number(last), 1)
  else delete parent[last]
}

/** Whether a problem between keys follows from what was taken out: at that place, around it, or about a name of it. */
export function follows(problem: { path: Path; message: string }, { removed }: Salvaged): boolean {
  const at = problem.path.join('\0')
  const near = removed.some(path => {
    const gone = path.join('\0')
    return at === gone || at.startsWith(`${gone}\0`) || gone.startsWith(`${at}\0`)
  })
  const services = removed.filter(path => path[0] === 'services' && path.length === 2).map(String)
  return near || services.some(name => problem.message.includes(` ${name.split(',')[1]}`))
}
