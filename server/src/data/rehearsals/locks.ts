import type { Held, Stage } from './rehearsal.ts'

/** How often it is looked. What is held for less is not seen, and nobody notices it. */
const EACH_MS = 20

/** Locks of tables for which somebody waits. */
const BLOCKS: Readonly<Record<string, Held['blocks']>> = {
  AccessExclusiveLock: 'all',
  ExclusiveLock: 'writes',
  ShareRowExclusiveLock: 'writes',
  ShareLock: 'writes',
}

interface Seen {
  relation: number
  mode: string
  from: number
  to: number
}

/** Looks again and again which locks a session holds. Tables that it made itself are nobody's yet. */
export function watchLocks({ superuser, owner, now, sleep }: Stage, pid: number) {
  const seen = new Map<string, Seen>()
  const names = new Map<number, string>()
  let over = false
  const known = owner(query =>
    query(
      `select c.oid::int8 as id, pg_catalog.format('%I.%I', n.nspname, c.relname) as name
         from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
        where c.relkind operator(pg_catalog.=) any('{r,p,m}'::"char"[]) and n.nspname::text operator(pg_catalog.!~) '^(pg_|information_schema$)'`,
    ),
  ).then(rows => {
    for (const row of rows) names.set(Number(row['id']), String(row['name']))
  })
  const looking = superuser(async query => {
    await known
    while (!over) {
      const at = now()
      const rows = await query(
        "select relation::int8 as relation, mode from pg_locks where pid = $1 and granted and locktype = 'relation'",
        [pid],
      )
      for (const row of rows) {
        const [relation, mode] = [Number(row['relation']), String(row['mode'])]
        if (BLOCKS[mode] === undefined) continue
        const key = `${relation} ${mode}`
        const one = seen.get(key) ?? { relation, mode, from: at, to: at }
        seen.set(key, { ...one, to: now() })
      }
      await sleep(EACH_MS)
    }
  })
  // Whoever stops it is told. Until then nobody listens, and that is no reason for the keeper to end.
  for (const one of [known, looking]) one.catch(() => {})
  return {
    async stop(): Promise<void> {
      over = true
      await looking
    },
    /** The longest first. */
    held: (): Held[] =>
      [...seen.values()]
        .flatMap(({ relation, mode, from, to }): Held[] => {
          const table = names.get(relation)
          return table === undefined
            ? []
            : [{ table, mode, blocks: BLOCKS[mode]!, ms: Math.round(to - from) }]
        })
        .sort((a, b) => b.ms - a.ms),
  }
}
