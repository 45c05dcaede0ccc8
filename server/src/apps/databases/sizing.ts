const MB = 1024 ** 2
const GB = 1024 ** 3

/** What decides how much of the machine one cluster takes. */
export interface Sizes {
  /** Bytes of the machine's memory. */
  memory: number
  cores: number
  /** How many clusters run on the machine, with this one. */
  clusters: number
}

/** Each cluster gets its share of a quarter of the memory as shared buffers, within these bounds. */
const BUFFERS = { share: 0.25, least: 32 * MB, most: GB }
/** Most connections of one cluster: an idle slot costs some KB, and a busy connection some MB. */
const MAX_CONNECTIONS = 200
/** An operation of a query (sort, hash) may take this much before it goes to the disk. */
const WORK_MEM = { least: 4 * MB, most: 32 * MB }

const within = (value: number, { least, most }: { least: number; most: number }): number =>
  Math.min(most, Math.max(least, value))

const inMb = (bytes: number): string => `${Math.floor(bytes / MB)}MB`

/**
 * The settings of a cluster for its share of the machine. PostgreSQL touches shared buffers only when it fills them, so
 * an idle cluster costs next to nothing whatever its share is.
 */
export function settingsOf({ memory, cores, clusters }: Sizes): Record<string, string> {
  const share = memory / Math.max(1, clusters)
  const buffers = within(share * BUFFERS.share, BUFFERS)
  return {
    max_connections: String(MAX_CONNECTIONS),
    shared_buffers: inMb(buffers),
    effective_cache_size: inMb(Math.max(2 * buffers, share * 0.5)),
    work_mem: inMb(within(share / (4 * MAX_CONNECTIONS), WORK_MEM)),
    maintenance_work_mem: inMb(within(share / 16, { least: 16 * MB, most: 512 * MB })),
    min_wal_size: '32MB',
    max_parallel_workers: String(Math.max(1, Math.min(8, cores))),
  }
}
