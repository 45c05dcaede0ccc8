/** A setting of a cluster: what it runs with, and what its next start would give it. */
export interface SettingFacts {
  name: string
  /** As `current_setting` shows it. */
  runs: string
  wanted: string
  /** Where the value comes from: `command line` is Innkeeper; anything else was set by somebody. */
  source: string
  /** Whether PostgreSQL takes another value only at its start. */
  atStart: boolean
}

export interface TuningFacts {
  sizes: { memory: number; cores: number; clusters: number }
  settings: readonly SettingFacts[]
}

/** What a setting is for, in the order in which a person asks. */
const ABOUT: Readonly<Record<string, string>> = {
  shared_buffers:
    "blocks that PostgreSQL keeps in its own memory: a quarter of this cluster's share of the machine",
  effective_cache_size: "what queries may expect in the system's memory besides",
  work_mem: 'for each sort or hash of a query, before it goes to the disk',
  maintenance_work_mem: 'for vacuum, and for making an index',
  max_connections: 'connections at once; apps get fewer, by `connections:`',
  max_parallel_workers: 'processes that help queries: as many as there are cores',
  wal_buffers: 'the log that is not written yet',
  min_wal_size: 'log that is kept to be used again',
  max_locks_per_transaction: 'room for locks, for each connection',
  max_pred_locks_per_transaction: 'room for locks of serializable transactions',
  log_checkpoints: 'tells of checkpoints that come too often',
  log_lock_waits: 'tells who waited for a lock for more than a second',
  log_temp_files: 'tells of sorts that went to the disk',
  log_autovacuum_min_duration: 'tells of vacuums that took long',
}

export interface TunedSetting extends SettingFacts {
  about: string
  /** `fits`: it is as the rule says; `start`: the next start brings it; `set`: somebody set it otherwise, and that holds. */
  state: 'fits' | 'start' | 'set'
}

/** What a cluster runs with against what the machine, as it is now, would give it. */
export function tuned({ settings }: TuningFacts): TunedSetting[] {
  const order = Object.keys(ABOUT)
  return settings
    .map(one => ({ ...one, about: ABOUT[one.name] ?? '', state: stateOf(one) }))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

function stateOf({ runs, wanted, source }: SettingFacts): TunedSetting['state'] {
  if (amount(runs) === amount(wanted)) return 'fits'
  return source === 'command line' || source === 'default' ? 'start' : 'set'
}

const UNITS: Readonly<Record<string, number>> = {
  ...{ kB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 },
  ...{ ms: 1, s: 1_000, min: 60_000, h: 3_600_000 },
}

/** PostgreSQL shows 1024MB as 1GB, and 60s as 1min. */
function amount(value: string): string {
  const [, digits, unit] = /^(\d+)\s*([A-Za-z]*)$/.exec(value) ?? []
  return digits === undefined ? value : String(Number(digits) * (UNITS[unit!] ?? 1))
}
