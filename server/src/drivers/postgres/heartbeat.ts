import type pg from 'pg'
import type { Beat, Mark } from '../../apps/databases/cluster.ts'

/** The application_name of the log receiver, which synchronous_standby_names refers to. */
export const RECEIVER = 'innkeeper_receiver'

/** Any number: of the lock that whoever creates the table holds. */
const CREATING = 4_711_001

/**
 * Creates the table of the heartbeat, in the database `postgres`, which no app can enter. May be called by several
 * connections at the same time: `if not exists` alone fails for the second one. The statements are one transaction.
 */
export async function prepareHeartbeat(client: pg.Client): Promise<void> {
  await client.query(
    `select pg_advisory_xact_lock(${CREATING});
     create schema if not exists innkeeper;
     create table if not exists innkeeper.heartbeat (single boolean primary key default true check (single), at timestamptz not null)`,
  )
}

const WRITE = `
  insert into innkeeper.heartbeat (at) values (clock_timestamp())
  on conflict (single) do update set at = excluded.at returning at`

/** The WAL segment that is written now, and the archiver's state. */
const STATE = `
         pg_walfile_name(pg_current_wal_insert_lsn()) as segment,
         current_setting('archive_mode') = 'on' as archiving,
         (select count(*)::int from pg_ls_archive_statusdir() where name like '%.ready') as waiting,
         extract(epoch from last_archived_time) * 1000 as archived_at, last_archived_wal as archived_segment,
         current_setting('synchronous_standby_names') <> '' as synchronous,
         case when last_failed_time > coalesce(last_archived_time, '-infinity')
              then extract(epoch from last_failed_time) * 1000 end as failing_since`

/** One statement that writes the heartbeat row and reads the state with it. `xid`: the transaction of the heartbeat. */
const BEAT = `
  with beaten as (${WRITE})
  select extract(epoch from at) * 1000 as at, pg_current_xact_id()::text as xid, ${STATE}
    from beaten, pg_stat_archiver`

/** Reads the state, and writes nothing. `xid`: the first transaction that has not ended yet. */
const LOOK = `
  select extract(epoch from clock_timestamp()) * 1000 as at,
         pg_snapshot_xmax(pg_current_snapshot())::text as xid, ${STATE}
    from pg_stat_archiver`

/** Asked only where commits wait for it: what a session must know of the catalog for this view is a fifth of its memory. */
const RECEIVING = `
  select from pg_stat_replication where application_name = '${RECEIVER}' and sync_state = 'sync'`

/** Prepared once for each session: planning takes four times as long as the answer. */
const BEATING = { name: 'innkeeper_beat', text: BEAT }
const LOOKING = { name: 'innkeeper_look', text: LOOK }

/** A cluster that nobody writes to has a heartbeat this often. The segment that it begins shows that archiving works. */
const IDLE_MS = 3 * 60_000

interface Row {
  at: string
  xid: string
  segment: string
  archiving: boolean
  waiting: number
  archived_at: string | null
  archived_segment: string | null
  failing_since: string | null
  synchronous: boolean
}

const ms = (text: string | null): number | null => (text === null ? null : Math.floor(Number(text)))

const toBeat = (row: Row, receiving: boolean): Beat => ({
  at: ms(row.at)!,
  segment: row.segment,
  archiving: row.archiving,
  waiting: row.waiting,
  archivedAt: ms(row.archived_at),
  archivedSegment: row.archived_segment,
  failingSince: ms(row.failing_since),
  synchronous: row.synchronous,
  receiving,
})

interface Options {
  connect(): Promise<pg.Client>
  accepts(): Promise<boolean>
  /** Milliseconds after which a WAL segment is ended, even when it is not full. */
  longestSegment: number
}

/** Writes heartbeats over one open connection: a new one every few seconds would cost more than everything else in an idle keeper. */
export function heartbeat({ connect, accepts, longestSegment }: Options) {
  let open: pg.Client | null = null
  // When the first segment began is not known, so it is ended at the first heartbeat.
  let current = { name: '', since: Number.NEGATIVE_INFINITY }
  let last: { xid: bigint; segment: string; at: number } | null = null

  async function close(): Promise<void> {
    const was = open
    open = null
    last = null
    await was?.end().catch(() => {}) // The connection itself may be what failed.
  }

  async function ready(): Promise<pg.Client> {
    if (open !== null) return open
    const client = await connect()
    client.on('end', () => (open = open === client ? null : open))
    open = client
    await prepareHeartbeat(client)
    return client
  }

  /** PostgreSQL counts archive_timeout from its own start: a server that crashes every half minute would never finish a segment. */
  async function endOldSegment(client: pg.Client, name: string): Promise<void> {
    const now = performance.now()
    if (current.name !== '' && name !== current.name) current = { name, since: now }
    if (now - current.since < longestSegment) return
    await client.query('select pg_switch_wal()')
    current = { name, since: now }
  }

  async function received(client: pg.Client, row: Row): Promise<Beat> {
    return toBeat(row, row.synchronous && (await client.query(RECEIVING)).rows.length > 0)
  }

  async function write(client: pg.Client): Promise<Beat> {
    const { rows } = await client.query<Row>(BEATING)
    const row = rows[0]!
    last = { xid: BigInt(row.xid), segment: row.segment, at: performance.now() }
    await endOldSegment(client, row.segment)
    return received(client, row)
  }

  /** Only looks, when the heartbeat was the last that anybody wrote. */
  async function lookOrWrite(client: pg.Client): Promise<Beat> {
    if (last === null || performance.now() - last.at >= IDLE_MS) return write(client)
    const { rows } = await client.query<Row>(LOOKING)
    const row = rows[0]!
    if (BigInt(row.xid) > last.xid + 1n) return write(client)
    if (row.segment === last.segment) await endOldSegment(client, row.segment)
    return received(client, row)
  }

  /** While the server shuts down the connection is closed: a smart shutdown waits for all clients. */
  async function connected(work: (client: pg.Client) => Promise<Beat>): Promise<Beat> {
    if (!(await accepts())) await close()
    try {
      return await work(await ready())
    } catch (error) {
      await close()
      throw error
    }
  }

  return {
    /** Writes a heartbeat. */
    beat: () => connected(write),
    /** Writes a heartbeat when anybody wrote since the last one, or when it is three minutes old. Else it only looks. */
    watch: () => connected(lookOrWrite),
  }
}

/**
 * Names a moment in the WAL. The time is taken before the name is written, so every commit that the caller has seen is
 * earlier. Its position is the end of the name, and the segment is that of the byte before: at the border of two, the
 * next one is named since PostgreSQL 17, and would not be archived before something is written into it.
 */
export async function mark(client: pg.Client, name: string): Promise<Mark> {
  const { rows } = await client.query<{ at: string; segment: string; end: string }>(
    `with named as materialized (select clock_timestamp() as at, pg_create_restore_point($1) as lsn)
     select extract(epoch from at) * 1000 as at, pg_walfile_name(lsn - 1) as segment, lsn - '0/0' as end from named`,
    [name],
  )
  await client.query('select pg_switch_wal()')
  const row = rows[0]!
  return { at: ms(row.at)!, segment: row.segment, end: Number(row.end) }
}

export async function written(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ at: string }>(`select pg_current_wal_insert_lsn() - '0/0' as at`)
  return Number(rows[0]!.at)
}
