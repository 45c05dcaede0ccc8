import type { PhysicalBackup } from './physical.ts'

export const day = (at: number): string => new Date(at).toISOString().slice(0, 10)
const stamp = (at: number): string =>
  new Date(at).toISOString().slice(0, 19).replaceAll(/[:-]/g, '').replace('T', '-')

/** A backup with a label as pgBackRest makes it: one that builds on others begins with the label of its full backup. */
export function backup(
  at: number,
  prior: string | null = null,
  more: Partial<PhysicalBackup> = {},
): PhysicalBackup {
  const kind = more.kind ?? (prior === null ? 'full' : 'diff')
  const label =
    prior === null ? `${stamp(at)}F` : `${prior.split('_')[0]}_${stamp(at)}${kind === 'diff' ? 'D' : 'I'}`
  const sizes = { bytes: 1e9, storedBytes: 1e6, firstSegment: '', lastSegment: '', end: 0 }
  return {
    ...{ label, kind, place: 'local', prior, startedAt: at, endedAt: at + 60_000, error: false },
    ...sizes,
    ...more,
  }
}
