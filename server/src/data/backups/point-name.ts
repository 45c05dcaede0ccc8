import type { BackupPorts } from './ports.ts'

/** Name of a restore point: sortable, and without characters that are special in a shell or a file name. */
export const pointName = (at: number): string =>
  new Date(at).toISOString().replaceAll(/[-:]/g, '').replace(/\.\d+/, '')

/**
 * Gives names to restore points, with a resolution of one second. Two points must not get the same name, even when the
 * run of the first has not stored it yet. `points`: those of all owners.
 */
export function pointNames({ points, clock }: Pick<BackupPorts, 'points' | 'clock'>): () => Promise<string> {
  const planned = new Set<string>()
  return async () => {
    const taken = new Set((await points.recent()).map(point => point.name))
    for (const name of taken) planned.delete(name)
    let at = clock.now()
    while (taken.has(pointName(at)) || planned.has(pointName(at))) at += 1_000
    planned.add(pointName(at))
    return pointName(at)
  }
}
