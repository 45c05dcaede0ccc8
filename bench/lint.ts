import { LIVE } from '../server/src/apps/lint/lint.fixture.ts'
import { judge } from '../server/src/apps/lint/rule.ts'
import { sqlParser } from '../server/src/drivers/libpg-query/apart.ts'
import { clusterWithAccess, connected, databaseOf } from '../server/src/drivers/postgres/access.fixture.ts'
import { provide } from '../server/src/drivers/postgres/provide.ts'

/**
 * node bench/lint.ts [statements] [rows]: seconds of one judgement of so many statements with the start of its process, and
 * how fast this machine scans, writes anew, indexes and updates a table of so many rows, for `apps/lint/cost.ts`.
 */
const [STATEMENTS = 1_000, ROWS = 2_000_000] = process.argv.slice(2).map(Number)

const sql = Array.from(
  { length: STATEMENTS },
  (_, n) => `alter table guest add column c${n} int not null default ${n}; -- é`,
).join('\n')
const seconds: number[] = []
for (let n = 0; n < 5; n++) {
  const began = performance.now()
  const [parsed] = await sqlParser.parse([sql])
  judge([{ name: '1', sql: parsed!, mode: 'each', tool: '' }], LIVE)
  seconds.push(Math.round(performance.now() - began) / 1_000)
}

const { cluster, access } = await clusterWithAccess()
try {
  const app = databaseOf(cluster, 'large')
  await provide(access, app, 2)
  const rates = await connected(app, 'owner', async client => {
    await client.query('create table t (id bigint, name text, note text)')
    await client.query(
      `insert into t select n, md5(n::text), repeat('x', 200) from generate_series(1, ${ROWS}) n`,
    )
    await client.query('analyze t')
    const { rows } = await client.query('select pg_table_size($1)::float8 as bytes', ['t'])
    const bytes = (rows[0] as { bytes: number }).bytes
    const rate = async (statement: string, amount: number) => {
      const began = performance.now()
      await client.query(statement)
      return Math.round(amount / ((performance.now() - began) / 1_000))
    }
    return {
      scanBytes: await rate("alter table t add check (name <> '')", bytes),
      indexRows: await rate('create index on t (name)', ROWS),
      rewriteBytes: await rate('alter table t add column r float default random()', bytes),
      updateRows: await rate('update t set note = note', ROWS),
    }
  })
  console.log(JSON.stringify({ statements: STATEMENTS, seconds, rows: ROWS, aSecond: rates }))
} finally {
  await cluster.remove()
}
