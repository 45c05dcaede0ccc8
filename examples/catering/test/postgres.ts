import { execFileSync } from 'node:child_process'
import { chownSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'

const BINARIES = '/usr/lib/postgresql'

export interface Cluster {
  /** The address of a new, empty database. */
  database(): Promise<string>
  stop(): void
}

export interface OwnCluster extends Cluster {
  /** Stopped as by an operator, with everybody thrown out. */
  halt(): void
  resume(): void
}

/** The server of TEST_DATABASE_URL, or a throw-away one on a socket in a temporary folder. */
export function startCluster(): Cluster {
  const given = process.env.TEST_DATABASE_URL
  return given ? clusterAt(given, () => {}) : throwAwayCluster()
}

export function throwAwayCluster(): OwnCluster {
  const version = readdirSync(BINARIES).sort((a, b) => Number(b) - Number(a))[0]
  if (!version) throw new Error(`No PostgreSQL under ${BINARIES}. Install it, or set TEST_DATABASE_URL.`)
  const folder = mkdtempSync(join(tmpdir(), 'catering-pg-'))
  const data = join(folder, 'data')
  const run = (program: string, args: string[]) => asPostgres(join(BINARIES, version, 'bin', program), args)
  if (process.getuid?.() === 0) chownSync(folder, idOf('-u'), idOf('-g'))
  run('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync'])
  const options = `-k ${folder} -c listen_addresses= -c fsync=off`
  const resume = () => run('pg_ctl', ['-D', data, '-w', '-l', join(folder, 'log'), '-o', options, 'start'])
  const halt = () => run('pg_ctl', ['-D', data, '-w', '-m', 'fast', 'stop'])
  resume()
  const cluster = clusterAt(`postgres://postgres@/postgres?host=${encodeURIComponent(folder)}`, () => {
    run('pg_ctl', ['-D', data, '-w', '-m', 'immediate', 'stop'])
    rmSync(folder, { recursive: true })
  })
  return { ...cluster, halt, resume }
}

const idOf = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))

/** PostgreSQL refuses to run as root. */
function asPostgres(program: string, args: string[]) {
  const [command, ...rest] =
    process.getuid?.() === 0 ? ['runuser', '-u', 'postgres', '--', program, ...args] : [program, ...args]
  // Ignored, because a server that inherits a pipe would keep us waiting for its end.
  execFileSync(command!, rest, { stdio: 'ignore', cwd: tmpdir(), timeout: 60_000 })
}

function clusterAt(url: string, stop: () => void): Cluster {
  let made = 0
  return {
    stop,
    async database() {
      const name = `catering_test_${process.pid}_${++made}`
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      await client.query(`drop database if exists ${name} with (force)`)
      await client.query(`create database ${name}`)
      await client.end()
      const address = new URL(url.replace('@/', '@localhost/'))
      address.pathname = `/${name}`
      return address.href
    },
  }
}
