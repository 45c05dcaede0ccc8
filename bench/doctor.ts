import { clusterWithAccess, connected, databaseOf } from '../server/src/drivers/postgres/access.fixture.ts'
import { querying } from '../server/src/drivers/postgres/connect.ts'
import { factsOf } from '../server/src/drivers/postgres/doctor.ts'
import { provide } from '../server/src/drivers/postgres/provide.ts'
import { diagnose } from '../server/src/watch/doctor/rule.ts'

/** node bench/doctor.ts [tables]: seconds of one look at a database of so many tables, each with three indexes and a foreign key. */
const TABLES = Number(process.argv[2] ?? 2_000)

const { cluster, access } = await clusterWithAccess()
try {
  const app = databaseOf(cluster, 'large')
  await provide(access, app, 2)
  await connected(app, 'owner', async client => {
    for (let n = 0; n < TABLES; n++)
      await client.query(
        `create table t${n} (id serial primary key, before int ${n === 0 ? '' : `references t${n - 1} (id)`}, day date, note text);
         create index on t${n} (day); create index on t${n} (day, note)`,
      )
    await client.query('set search_path = pg_catalog, pg_temp')
    const seconds: number[] = []
    let findings = 0
    for (let n = 0; n < 5; n++) {
      const began = performance.now()
      findings = diagnose(await factsOf(querying(client), Date.now())).length
      seconds.push(Math.round(performance.now() - began) / 1_000)
    }
    console.log(JSON.stringify({ tables: TABLES, findings, seconds }))
  })
} finally {
  await cluster.remove()
}
