import { parseRecoveryAside } from '../../apps/app/names.ts'
import { asideFolders } from './perform-files.ts'
import type { RestorePorts, RestoresPorts } from './ports.ts'
import type { Names } from './step.ts'

/** Data that something else took the place of, and that is kept until a person discards it. */
export interface Aside extends Pick<Names, 'aside' | 'url' | 'alone'> {
  app: string
  of: 'restore' | 'recovery'
  /** When it was put aside, in milliseconds since 1970. */
  at: number
  /** The moment that the restore returned to, in words; null: a recovery. */
  moment: string | null
}

/** What is put aside of an app, newest first. */
export async function asidesOf({ app, restores, inCluster }: RestorePorts): Promise<Aside[]> {
  const restored = (await restores.kept(app)).map(({ at, names, record }): Aside => {
    const { aside, url, alone } = names
    const of = { app, of: 'restore', at, moment: record.says, aside } as const
    return { ...of, ...(url && { url }), ...(alone && { alone }) }
  })
  const recovered = (await inCluster()).flatMap((aside): Aside[] => {
    const at = parseRecoveryAside(aside)
    return at === null ? [] : [{ app, of: 'recovery', at, moment: null, aside }]
  })
  return [...restored, ...recovered].sort((a, b) => b.at - a.at)
}

/** Longest wait for the size of what is put aside: a status must not wait until a terabyte was measured. */
const SOON_MS = 1_000

/**
 * Everything that is put aside, with its size in bytes, newest first. null: it is elsewhere, or not there any more, or still
 * being measured.
 */
export function createAsides({ restores, clusters, clock, of }: RestoresPorts) {
  // What is put aside does not change, and measuring it reads every folder of it.
  const sizes = new Map<string, Promise<number | null>>()

  function measured(one: Aside): Promise<number | null> {
    const key = `${one.app}/${one.aside}`
    const known = sizes.get(key)
    if (known !== undefined) return known
    const size = measure(of(one.app), one).catch(() => null)
    sizes.set(key, size)
    // Asked again: it may come back, or was being moved.
    void size.then(bytes => (bytes === null ? sizes.delete(key) : true))
    return size
  }

  async function soon(size: Promise<number | null>): Promise<number | null> {
    const given = new AbortController()
    const late = clock.sleep(SOON_MS, given.signal).then(() => null)
    late.catch(() => {}) // When the size came first, nobody waits for this.
    try {
      return await Promise.race([size, late])
    } finally {
      given.abort()
    }
  }

  return async (): Promise<Array<Aside & { bytes: number | null }>> => {
    const apps = new Set([...(await clusters()), ...(await restores.kept()).map(kept => kept.app)])
    const all = (await Promise.all([...apps].map(app => asidesOf(of(app))))).flat()
    const sized = all.map(async one => ({ ...one, bytes: one.url ? null : await soon(measured(one)) }))
    return (await Promise.all(sized)).sort((a, b) => b.at - a.at)
  }
}

/** null: nothing of it is there. */
async function measure(ports: RestorePorts, { app, aside, alone }: Aside): Promise<number | null> {
  const paths = [...(alone ? [] : [ports.cluster.asidePath(aside)]), ...asideFolders(ports, app, aside)]
  const there = await Promise.all(paths.map(path => ports.files.exists(path)))
  const found = paths.filter((_, n) => there[n])
  if (found.length === 0) return null
  const bytes = await Promise.all(found.map(path => ports.files.size(path)))
  return bytes.reduce((all, one) => all + one, 0)
}
