const MB = 1024 ** 2

/** What decides how much of the machine one cluster takes. */
export interface Sizes {
  /** Bytes of the machine's memory. */
  memory: number
  cores: number
  /** How many clusters run on the machine, with this one. */
  clusters: number
}

/**
 * Each cluster gets its share of a quarter of the memory as shared buffers, within these bounds. The lists that describe
 * the buffers are written at the start: 1 GB of buffers costs an idle cluster 20 MB, 512 MB cost 10, and 128 MB, which
 * PostgreSQL itself begins with, 2. What does not fit is in the page cache of the system, which all clusters share.
 */
const BUFFERS = { share: 0.25, least: 32 * MB, alone: 512 * MB, beside: 128 * MB }
/** By itself it would be 16 MB for the largest buffers, all written at the start. */
const WAL_BUFFERS = '2MB'
/** Most connections of one cluster: an idle slot costs some KB, and a busy connection some MB. */
const MAX_CONNECTIONS = 200
/** The tables of locks, and of predicate locks, are made for this many in each connection. They are as large as with PostgreSQL's own 100 × 64. */
const LOCKS = 32
/** An operation of a query (sort, hash) may take this much before it goes to the disk. */
const WORK_MEM = { least: 4 * MB, most: 32 * MB }

const within = (value: number, { least, most }: { least: number; most: number }): number =>
  Math.min(most, Math.max(least, value))

const inMb = (bytes: number): string => `${Math.floor(bytes / MB)}MB`

/** The settings of a cluster for its share of the machine. */
export function settingsOf({ memory, cores, clusters }: Sizes): Record<string, string> {
  const share = memory / Math.max(1, clusters)
  const most = clusters > 1 ? BUFFERS.beside : BUFFERS.alone
  const buffers = within(share * BUFFERS.share, { least: BUFFERS.least, most })
  return {
    max_connections: String(MAX_CONNECTIONS),
    max_locks_per_transaction: String(LOCKS),
    max_pred_locks_per_transaction: String(LOCKS),
    shared_buffers: inMb(buffers),
    wal_buffers: WAL_BUFFERS,
    effective_cache_size: inMb(Math.max(2 * buffers, share * 0.5)),
    work_mem: inMb(within(share / (4 * MAX_CONNECTIONS), WORK_MEM)),
    maintenance_work_mem: inMb(within(share / 16, { least: 16 * MB, most: 512 * MB })),
    min_wal_size: '32MB',
    max_parallel_workers: String(Math.max(1, Math.min(8, cores))),
  }
}

/**
 * What the log tells besides errors: what was slow for a reason that a setting or an index mends. Statements that are
 * slow are not written down, because their values may be personal; `inn db slow` has them without.
 */
export const LOGGING: Readonly<Record<string, string>> = {
  log_checkpoints: 'on',
  log_lock_waits: 'on',
  log_temp_files: '10MB',
  log_autovacuum_min_duration: '10s',
}
