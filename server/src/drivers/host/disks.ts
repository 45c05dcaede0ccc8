import { stat, statfs } from 'node:fs/promises'

/** How full the disks of these folders are, each disk once, by the first folder on it. A folder that is not there says nothing. */
export async function disksOf(paths: readonly string[]) {
  const known = new Set<number>()
  const found: Array<{ path: string; totalBytes: number; freeBytes: number }> = []
  for (const path of paths) {
    const device = await stat(path).then(
      info => info.dev,
      () => null,
    )
    if (device === null || known.has(device)) continue
    known.add(device)
    const { blocks, bfree, bavail, bsize } = await statfs(path)
    // As df counts: what only root may use belongs to neither side.
    found.push({ path, totalBytes: (blocks - bfree + bavail) * bsize, freeBytes: bavail * bsize })
  }
  return found
}
