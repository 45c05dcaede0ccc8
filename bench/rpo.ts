import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { restoreCommand } from '../server/src/drivers/pgbackrest/conf.ts'
import { kill, powerCut } from '../test/kit/processes.ts'
import { makeBench, median, run, sleep } from './kit.ts'

/**
 * node bench/rpo.ts [kills] [zero]: how much is lost when all that is left is the place. A writer commits one row after
 * the other; at a random moment PostgreSQL is killed with -9, or the whole process tree of the home, in turns. The place
 * is copied as it is then, and what stock tools bring back from that copy is compared with what had been confirmed.
 * `zero`: with rpo: 0.
 */
const KILLS = Number(process.argv[2] ?? 20)
const ZERO = process.argv[3] === 'zero'
// The log leaves each minute: a wait of a little more meets all of its age.
const LONGEST_WAIT_MS = ZERO ? 5_000 : 75_000
const MAJOR = (await readdir('/usr/lib/postgresql')).sort((a, b) => Number(b) - Number(a))[0]!
/** Name of the app, as in CONFIG. */
const APP = 'bench'
const BIN = `/usr/lib/postgresql/${MAJOR}/bin`

const bench = await makeBench()
const copies = await mkdtemp(join(tmpdir(), 'inn-rpo-'))
await run(['chmod', '777', copies], { cwd: '/' })
const place = join(bench.home, 'place')
const at = async (name: string) => (await readFile(join(bench.home, 'postgres', APP, name), 'utf8')).trim()
let env: NodeJS.ProcessEnv

const CONFIG = `name: bench
services: { api: { start: node server.cjs, install: false, health: { path: /health } } }
database: { postgres: true }
backups: { where: { place: { folder: ${place}${ZERO ? ', rpo: 0' : ''} } } }
watch: 0
`

const asPostgres = (line: string) => run(['su', 'postgres', '-s', '/bin/sh', '-c', line], { cwd: '/', env })

interface Row {
  n: number
  /** When it was written, milliseconds since 1970. */
  at: number
}

try {
  await cp(join(import.meta.dirname, 'data-app'), join(bench.home, 'source'), { recursive: true })
  await writeFile(
    join(bench.home, 'source/server.cjs'),
    `require('http').createServer((_, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1')\n`,
  )
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), CONFIG)
  await bench.inn(['deploy'])
  await bench.inn(['backup', 'now', '--full'])
  env = { ...process.env, PGPASSFILE: join(bench.home, 'postgres', APP, 'pgpass'), TZ: 'UTC' }
  const client = await connected()
  await client.query('create table beat (n bigserial primary key, at timestamptz not null)')
  // What is measured begins with the table, and a row, at the place.
  await client.query('insert into beat (at) values (clock_timestamp())')
  await client.query('select pg_switch_wal()')
  await sleep(5_000)
  await client.end()
  const lost: Array<{ ms: number; rows: number }> = []
  for (let n = 0; n < KILLS; n++) lost.push(await once(n))
  const seconds = lost.map(({ ms }) => ms / 1000)
  const rows = lost.map(l => l.rows)
  console.log(
    `${KILLS} kills${ZERO ? ' with rpo: 0' : ''}: ${median(seconds).toFixed(1)} s lost in the middle, ${Math.max(...seconds).toFixed(1)} s at worst; ${rows.filter(r => r === 0).length} of ${KILLS} without a lost commit`,
  )
} finally {
  await bench.remove()
  await rm(copies, { recursive: true, force: true })
}

/** As soon as it takes connections again. */
async function connected(): Promise<pg.Client> {
  for (const end = Date.now() + 60_000; ; await sleep(100)) {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: Number(await at('port')),
      user: 'innkeeper',
      password: await at('password'),
      database: 'bench',
    })
    client.on('error', () => {}) // The query under way rejects with the same error.
    try {
      await client.connect()
      return client
    } catch (error) {
      if (Date.now() > end) throw error
    }
  }
}

async function once(n: number): Promise<{ ms: number; rows: number }> {
  const client = await connected()
  await client.query(`set synchronous_commit = ${ZERO ? 'on' : 'local'}`)
  let last: Row = { n: 0, at: 0 }
  const writer = (async () => {
    for (;;) {
      const { rows } = await client.query<{ n: string; at: string }>(
        'insert into beat (at) values (clock_timestamp()) returning n, extract(epoch from at) * 1000 as at',
      )
      last = { n: Number(rows[0]!.n), at: Number(rows[0]!.at) }
      await sleep(5)
    }
  })().catch(() => {}) // The server was killed.
  await sleep(2_000 + Math.random() * LONGEST_WAIT_MS)
  const all = n % 2 === 1
  if (all) await powerCut(bench.home)
  else
    kill(
      Number(
        (await readFile(join(bench.home, 'postgres', APP, 'data/postmaster.pid'), 'utf8')).split('\n')[0],
      ),
    )
  const confirmed = last
  // At once: the supervisor has it up again within a second, which would archive more.
  const copy = join(copies, String(n))
  await run(['cp', '-a', place, copy], { cwd: '/' })
  await writer
  await client.end().catch(() => {})
  if (all) await bench.inn(['up'])
  const back = await restored(copy)
  await rm(copy, { recursive: true, force: true })
  const lost = { ms: Math.max(0, confirmed.at - back.at), rows: Math.max(0, confirmed.n - back.n) }
  console.log(
    `kill ${n + 1} of ${all ? 'the whole tree' : 'PostgreSQL'}: ${confirmed.n} confirmed, ${lost.rows} of them lost, ${(lost.ms / 1000).toFixed(1)} s`,
  )
  return lost
}

/** The last commit in what stock tools make of the copy. */
async function restored(copy: string): Promise<Row> {
  const work = `${copy}-work`
  const data = `${copy}-data`
  const file = `${copy}.conf`
  const conf = (await readFile(join(bench.home, 'postgres', APP, 'pgbackrest/pgbackrest.place.conf'), 'utf8'))
    .replace(/^repo1-path=.*$/m, `repo1-path=${join(copy, 'pgbackrest')}`)
    .replaceAll(/^(log|lock|spool)-path=.*$/gm, `$1-path=${work}`)
  const links = `${copy}-links`
  await mkdir(links)
  if (ZERO) await symlink(join(copy, 'received', APP), join(links, '0'))
  const command = restoreCommand(APP, 'folder', { conf: file, data, received: links })
  await writeFile(file, `${conf}[global:restore]\nrecovery-option=restore_command=${command}\n`, {
    mode: 0o644,
  })
  await asPostgres(`mkdir -p ${work} && mkdir -m 700 ${data}`)
  const br = `pgbackrest --config=${file} --stanza=${APP} --pg1-path=${data} --log-level-console=error`
  await asPostgres(`${br} --archive-mode=off restore`)
  const options = `-p 5432 -k ${work} -c listen_addresses= -c hot_standby=off`
  await asPostgres(`${BIN}/pg_ctl -s -w -t 600 -D ${data} -l ${work}/pg.log -o "${options}" start`)
  // It refuses everybody until it has replayed the whole log.
  await asPostgres(`until ${BIN}/pg_isready -q -h ${work} -p 5432; do sleep 0.1; done`)
  const told = await asPostgres(
    `psql -AtF ' ' -c 'select n, extract(epoch from at) * 1000 from beat order by n desc limit 1' -h ${work} -U innkeeper bench`,
  )
  await asPostgres(`${BIN}/pg_ctl -s -D ${data} -m immediate stop`)
  await run(['rm', '-rf', data, work, file, links], { cwd: '/' })
  const [n, time] = told.trim().split(' ').map(Number)
  return { n: n ?? 0, at: time ?? 0 }
}
