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

/** Everything that is put aside, with its size in bytes (null: it is elsewhere, or not there any more), newest first. */
export function createAsides({ restores, clusters, of }: RestoresPorts) {
  // What is put aside does not change, and measuring it reads every folder of it.
  const sizes = new Map<string, number>()

  async function sizeOf({ app, aside, url, alone }: Aside): Promise<number | null> {
    const known = sizes.get(`${app}/${aside}`)
    if (known !== undefined || url) return known ?? null
    const ports = of(app)
    const paths = [...(alone ? [] : [ports.cluster.asidePath(aside)]), ...asideFolders(ports, app, aside)]
    const there = await Promise.all(paths.map(path => ports.files.exists(path)))
    const found = paths.filter((_, n) => there[n])
    if (found.length === 0) return null
    const bytes = await Promise.all(found.map(path => ports.files.size(path)))
    const sum = bytes.reduce((all, one) => all + one, 0)
    sizes.set(`${app}/${aside}`, sum)
    return sum
  }

  return async (): Promise<Array<Aside & { bytes: number | null }>> => {
    const apps = new Set([...(await clusters()), ...(await restores.kept()).map(kept => kept.app)])
    const all = (await Promise.all([...apps].map(app => asidesOf(of(app))))).flat()
    const measured = all.map(async one => ({ ...one, bytes: await sizeOf(one) }))
    return (await Promise.all(measured)).sort((a, b) => b.at - a.at)
  }
}
