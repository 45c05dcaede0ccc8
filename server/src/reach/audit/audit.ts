import type { Store } from '../../db/db.ts'
import { inTransaction } from '../../db/transaction.ts'
import { iso } from '../../kernel/moments.ts'
import { BEGINNING, follows, hashOf } from './chain.ts'
import type { AuditEntry, AuditQuery, ChainedEntry } from './wire.ts'

export interface AuditRow {
  actor: string
  action: string
  detail: string
  /** The app and the run that it is about; left out: none. */
  app?: string | null
  run?: string | null
}

export type Audit = ReturnType<typeof auditLog>

/** Entries that are looked at together. */
const PAGE = 1_000
const FIELDS = 'id, at, actor, action, app, run, detail, outcome, of, hash'

/** Who did what, with which outcome. Entries are only added, each with the hash of the one before it in its own. */
export function auditLog({ sql, raw }: Store, now: () => number) {
  const last = raw.prepare('select id, hash from audit order by id desc limit 1')
  const add = raw.prepare(`insert into audit (${FIELDS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`)
  const page = raw.prepare(`select ${FIELDS} from audit where id > ? order by id limit ?`)
  const unsettled = raw.prepare(
    `select id, run from audit where run is not null and of is null
        and not exists (select 1 from audit as ending where ending.of = audit.id)`,
  )
  const outcomeOf = raw.prepare('select outcome from run where id = ?')
  const entry = raw.prepare(`select ${FIELDS} from audit where id = ?`)
  const latest = raw.prepare('select actor, max(at) as at from audit where action = ? group by actor')
  const chain = (after: number, limit = PAGE) => page.all(after, limit) as unknown as ChainedEntry[]
  seal(raw)
  /** Entries about runs of which no end was written yet: id → run. Looked for once, because the log grows for years. */
  const waiting = new Map(
    (unsettled.all() as Array<{ id: number; run: string }>).map(({ id, run }) => [id, run]),
  )

  /** When no transaction is open: an entry in one of somebody else's would be taken back with it. */
  const alone = <T>(work: () => T): Promise<T> => sql.connection().execute(async () => work())
  /** At once, so that no other entry comes between the last hash and this one. */
  function append(row: AuditRow & { outcome: string; of: number | null }): number {
    const before = (last.get() ?? { id: 0, hash: BEGINNING }) as { id: number; hash: string }
    const { actor, action, app = null, run = null, detail, outcome, of } = asKept(row)
    const id = before.id + 1
    const at = now()
    const hash = hashOf(before.hash, { id, at, actor, action, app, run, detail, outcome, of })
    add.run(id, at, actor, action, app, run, detail, outcome, of, hash)
    return id
  }

  const ended = (id: number, outcome: string): void => {
    const { actor, action, app, run } = entry.get(id) as unknown as ChainedEntry
    append({ actor, action, app, run, detail: '', outcome, of: id })
  }

  return {
    /** Writes an entry and returns its id. Long work that is no run is written when it begins; its outcome is written later. */
    write(row: AuditRow, outcome = row.run == null ? 'done' : 'begun'): Promise<number> {
      return alone(() => {
        const id = append({ ...row, outcome, of: null })
        if (row.run != null) waiting.set(id, row.run)
        return id
      })
    },

    /** What became of it. */
    ended: (id: number, outcome: string): Promise<void> => alone(() => ended(id, outcome)),

    /** Writes what became of runs that have ended since, also of those that ended before the keeper was killed. */
    settle: (): Promise<void> =>
      alone(() => {
        const done = [...waiting].flatMap(([id, run]) => {
          const { outcome } = (outcomeOf.get(run) ?? { outcome: null }) as { outcome: string | null }
          return outcome === null ? [] : [{ id, outcome }]
        })
        if (done.length === 0) return
        inTransaction(raw, () => {
          for (const { id, outcome } of done) ended(id, outcome)
        })
        for (const { id } of done) waiting.delete(id)
      }),

    /** When each did this last: actor → milliseconds since 1970. */
    lastOf: (action: string): Map<string, number> =>
      new Map(
        (latest.all(action) as Array<{ actor: string; at: number }>).map(({ actor, at }) => [actor, at]),
      ),

    /** Entries as they were written, the oldest first. */
    chain,

    /** The first entry that does not fit to those before it; null: all do. Others have their turn meanwhile. */
    async broken(): Promise<ChainedEntry | null> {
      let previous = { id: 0, hash: BEGINNING }
      for (let some = chain(0); some.length > 0; some = chain(previous.id)) {
        for (const one of some) {
          if (!follows(previous.hash, one)) return one
          previous = one
        }
        await new Promise(setImmediate)
      }
      return null
    },

    /** `reach`: the apps whose entries are seen; null: all entries. */
    async list(
      { app, actor, before, limit }: AuditQuery,
      reach: readonly string[] | null = null,
    ): Promise<AuditEntry[]> {
      const rows = await sql
        .selectFrom('audit')
        .leftJoin('run', 'run.id', 'audit.run')
        .leftJoin('audit as ending', 'ending.of', 'audit.id')
        .select(COLUMNS)
        .where('audit.of', 'is', null)
        .$if(reach !== null, query => query.where('audit.app', 'in', reach!))
        .$if(app !== undefined, query => query.where('audit.app', '=', app!))
        .$if(actor !== undefined, query =>
          query.where(({ eb, fn, val }) =>
            eb(fn<number>('instr', [fn('lower', ['audit.actor']), val(actor!.toLowerCase())]), '>', 0),
          ),
        )
        .$if(before !== undefined, query => query.where('audit.id', '<', before!))
        .orderBy('audit.id', 'desc')
        .limit(limit)
        .execute()
      return rows.map(r => ({
        id: r.id,
        at: iso(r.at),
        actor: r.actor,
        action: r.action,
        app: r.app,
        run: r.run,
        detail: r.detail,
        outcome: r.said ?? r.ended ?? r.state ?? r.outcome,
      }))
    },
  }
}

/** Entries of before there were hashes get theirs: what is written from now on is sealed with them. */
function seal(raw: Store['raw']): void {
  const open = raw.prepare(`select ${FIELDS} from audit where hash = '' order by id`).all()
  if (open.length === 0) return
  const put = raw.prepare('update audit set hash = ? where id = ?')
  let previous = BEGINNING
  inTransaction(raw, () => {
    for (const one of open as unknown as ChainedEntry[]) {
      previous = hashOf(previous, one)
      put.run(previous, one.id)
    }
  })
}

/** SQLite keeps another sign in the place of half a pair of UTF-16; the hash must be of what it keeps. */
const asKept = <Row extends object>(row: Row): Row =>
  Object.fromEntries(
    Object.entries(row).map(([key, value]) => [
      key,
      typeof value === 'string' ? value.toWellFormed() : value,
    ]),
  ) as Row

const COLUMNS = [
  'audit.id',
  'audit.at',
  'audit.actor',
  'audit.action',
  'audit.app',
  'audit.run',
  'audit.detail',
  'audit.outcome',
  'ending.outcome as said',
  'run.outcome as ended',
  'run.state',
] as const
