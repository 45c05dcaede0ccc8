import { chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execOk } from '../../server/src/drivers/host/exec.ts'
import { freePartPort } from '../../server/src/drivers/host/ports.ts'
import { packageAccount } from '../../server/src/drivers/host/users.ts'
import { withDatabase } from '../../server/src/drivers/postgres/connect.ts'
import { newestMajor } from '../../server/src/drivers/postgres/create.ts'

/** A PostgreSQL server that Innkeeper does not run, on loopback, with `trust` for everybody. */
export interface Postgres {
  /** The URL of a database for a role. */
  url(role: string, database: string): string
  /** Runs one statement as superuser; the first column of each row. */
  sql(database: string, text: string): Promise<string[]>
  start(): Promise<void>
  /** Stops it at once, as if its machine were gone. */
  stop(): Promise<void>
  /** Ends it and removes its files. */
  remove(): Promise<void>
}

export async function makePostgres(): Promise<Postgres> {
  const user = await packageAccount('postgres')
  const folder = await mkdtemp(join(tmpdir(), 'inn-pg-'))
  const [data, sockets] = [join(folder, 'data'), join(folder, 'sockets')]
  await mkdir(sockets)
  if (user !== null) for (const path of [folder, sockets]) await chown(path, user.uid, user.gid)
  const port = await freePartPort()
  const { bin } = await newestMajor()
  const run = (program: string, ...args: string[]) =>
    execOk({ argv: [join(bin, program), ...args], user, cwd: '/', timeoutMs: 60_000 }, program)
  await run('initdb', '-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '-N')
  const url = (role: string, database: string) => `postgresql://${role}:p%40ss@127.0.0.1:${port}/${database}`
  const options = `-c port=${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${sockets} -c fsync=off`
  const postgres: Postgres = {
    url,
    sql: (database, text) =>
      withDatabase(url('postgres', database), async query =>
        (await query(text)).map(row => String(Object.values(row)[0])),
      ),
    start: async () =>
      void (await run('pg_ctl', 'start', '-w', '-D', data, '-l', join(folder, 'log'), '-o', options)),
    stop: async () => void (await run('pg_ctl', 'stop', '-m', 'immediate', '-D', data)),
    async remove() {
      await postgres.stop().catch(() => {})
      await rm(folder, { recursive: true, force: true })
    },
  }
  await postgres.start()
  return postgres
}
