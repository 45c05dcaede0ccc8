import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeBench, median, run, sleep } from './kit.ts'

/**
 * node bench/rpo.ts [kills]: how much is lost when all that is left is the place. A writer commits twenty times a
 * second; at a random moment PostgreSQL is killed with -9, the place is copied as it is then, and what stock tools
 * bring back from that copy is compared with what had been committed.
 */
const KILLS = Number(process.argv[2] ?? 20)
const LONGEST_WAIT_MS = 75_000
const MAJOR = (await readdir('/usr/lib/postgresql')).sort((a, b) => Number(b) - Number(a))[0]!

const CONFIG = `name: bench
services: { api: { start: node server.cjs, install: false, health: { path: /health } } }
database: { postgres: true }
watch: 0
`

const bench = await makeBench()
const copies = await mkdtemp(join(tmpdir(), 'inn-rpo-'))
await run(['chmod', '777', copies], { cwd: '/' })
const at = async (name: string) => (await readFile(join(bench.home, 'postgres', name), 'utf8')).trim()
const asPostgres = (line: string, env = {}) =>
  run(['su', 'postgres', '-s', '/bin/sh', '-c', line], { cwd: '/', env: { ...process.env, ...env } })

try {
  await cp(join(import.meta.dirname, 'data-app'), join(bench.home, 'source'), { recursive: true })
  await writeFile(
    join(bench.home, 'source/server.cjs'),
    `require('http').createServer((_, r) => r.end('ok')).listen(process.env.PORT, '127.0.0.1')\n`,
  )
  await writeFile(join(bench.home, 'source/innkeeper.yaml'), CONFIG)
  await bench.inn(['deploy'])
  await bench.inn(['backup', 'now', '--full'])
  const env = { PGPASSWORD: await at('password'), PGPASSFILE: join(bench.home, 'postgres/pgpass'), TZ: 'UTC' }
  const reach = `-h ${join(bench.home, 'run/pg')} -p ${await at('port')} -U innkeeper`
  await asPostgres(`psql -q ${reach} -c 'create table beat (at timestamptz primary key)' bench`, env)
  const lost: number[] = []
  for (let n = 0; n < KILLS; n++) lost.push(await once(n, reach, env))
  console.log(
    `${KILLS} kills: ${(median(lost) / 1000).toFixed(1)} s lost in the middle, ${(Math.max(...lost) / 1000).toFixed(1)} s at worst`,
  )
} finally {
  await bench.remove()
  await rm(copies, { recursive: true, force: true })
}

/** Milliseconds between the last commit and the last one that comes back. */
async function once(n: number, reach: string, env: Record<string, string>): Promise<number> {
  let writing = true
  let last = 0
  const writer = (async () => {
    while (writing) {
      const told = await asPostgres(
        `psql -qAt ${reach} -c 'insert into beat values (clock_timestamp()) returning extract(epoch from at) * 1000' bench`,
        env,
      ).catch(() => '')
      if (told.trim() !== '') last = Number(told)
      await sleep(50)
    }
  })()
  await sleep(5_000 + Math.random() * (LONGEST_WAIT_MS - 5_000))
  const pid = Number(
    (await readFile(join(bench.home, 'postgres', MAJOR, 'postmaster.pid'), 'utf8')).split('\n')[0],
  )
  process.kill(pid, 'SIGKILL')
  // The supervisor has it up again within a second, and the writer goes on.
  const committed = last
  const copy = join(copies, String(n))
  // Before the supervisor has it up again, which would archive more.
  await run(['cp', '-a', join(bench.home, 'backups/pgbackrest'), copy], { cwd: '/' })
  writing = false
  await writer
  const back = await restored(copy, env)
  await rm(copy, { recursive: true, force: true })
  console.log(`kill ${n + 1}: ${((committed - back) / 1000).toFixed(1)} s`)
  return committed - back
}

/** The last commit in what stock tools make of the copy. */
async function restored(copy: string, env: Record<string, string>): Promise<number> {
  const conf = (await readFile(join(bench.home, 'backups/pgbackrest.local.conf'), 'utf8'))
    .replace(/^repo1-path=.*$/m, `repo1-path=${copy}`)
    .replaceAll(/^(log|lock|spool)-path=.*$/gm, `$1-path=${copy}-work`)
  await writeFile(`${copy}.conf`, conf, { mode: 0o644 })
  const data = `${copy}-data`
  const br = `pgbackrest --config=${copy}.conf --stanza=main --pg1-path=${data} --log-level-console=error`
  await asPostgres(`mkdir -p ${copy}-work && mkdir -m 700 ${data} && ${br} --archive-mode=off restore`, env)
  const bin = `/usr/lib/postgresql/${MAJOR}/bin`
  const options = `-p 5432 -k ${copy}-work -c listen_addresses= -c hot_standby=off`
  await asPostgres(`${bin}/pg_ctl -s -w -t 600 -D ${data} -l ${copy}-work/pg.log -o "${options}" start`, env)
  const told = await asPostgres(
    `psql -Atc 'select coalesce(extract(epoch from max(at)), 0) * 1000 from beat' -h ${copy}-work -U innkeeper bench`,
    env,
  )
  await asPostgres(`${bin}/pg_ctl -s -D ${data} -m immediate stop`, env)
  await run(['rm', '-rf', data, `${copy}-work`, `${copy}.conf`], { cwd: '/' })
  return Number(told)
}
