import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { ClusterPlace } from '../../apps/databases/cluster.ts'
import type { Made } from '../../data/repositories/physical.contract.ts'
import type { Physical } from '../../data/repositories/physical.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { execOk } from '../host/exec.ts'
import { packageAccount } from '../host/users.ts'
import { newestMajor } from './create.ts'
import { countingSettings } from './statements.ts'

export interface TestCluster {
  at: string
  place: ClusterPlace
  account: Account | null
  /** Starts the cluster with this archive_command. */
  start(archiveCommand: string): Promise<void>
  /** Runs one statement; the first column of its rows. */
  sql(text: string): Promise<string[]>
  /** Resolves when everything committed so far was archived, with the name of the last segment. */
  archived(): Promise<string>
  /** Starts the cluster that was restored into a folder, waits until it is out of recovery, runs a statement, and stops it. */
  ask(data: string, text: string): Promise<string[]>
  remove(): Promise<void>
}

/** A cluster in its own folder, reachable only by a socket, without the supervisor. */
export async function makeCluster(): Promise<TestCluster> {
  const at = await mkdtemp(join(tmpdir(), 'inn-pg-'))
  await chmod(at, 0o777)
  const account = await packageAccount('postgres')
  const { major, bin } = await newestMajor()
  const passFile = join(at, 'pgpass')
  await writeFile(passFile, '*:*:*:innkeeper:secret\n', { mode: 0o600 })
  await writeFile(join(at, 'password'), 'secret')
  if (account !== null) await chown(passFile, account.uid, account.gid)
  const place: ClusterPlace = {
    ...{ major, bin, data: join(at, 'data'), socketFolder: at, port: 5432 },
    ...{ user: 'innkeeper', passFile },
  }
  const run = (argv: readonly string[]) =>
    execOk({ argv, user: account, cwd: '/', env: { LANG: 'C.UTF-8' }, timeoutMs: 120_000 }, argv[0]!)
  const init = ['-U', 'innkeeper', '-A', 'scram-sha-256', `--pwfile=${join(at, 'password')}`, '-k']
  await run([join(bin, 'initdb'), '-D', place.data, ...init])

  async function begin(data: string, sockets: string, more: readonly string[]): Promise<void> {
    const options = [`-k ${sockets}`, '-p 5432', '-c listen_addresses=', '-c fsync=off', ...more].join(' ')
    const log = ['-l', join(at, 'log')]
    await run([join(bin, 'pg_ctl'), '-w', '-D', data, ...log, '-o', options, 'start'])
  }
  const end = (data: string) => run([join(bin, 'pg_ctl'), '-D', data, '-m', 'immediate', 'stop'])

  async function asked(host: string, text: string): Promise<string[]> {
    const user = { host, port: 5432, user: 'innkeeper', password: 'secret', database: 'postgres' }
    const client = new pg.Client(user)
    await client.connect()
    try {
      const { rows } = await client.query<Record<string, unknown>>(text)
      return rows.map(row => String(Object.values(row)[0]))
    } finally {
      await client.end()
    }
  }

  return {
    at,
    place,
    account,
    async start(archiveCommand) {
      await writeFile(
        join(place.data, 'postgresql.auto.conf'),
        `archive_mode = on\narchive_command = '${archiveCommand.replaceAll("'", "''")}'\n`,
      )
      const counting = Object.entries(await countingSettings(bin)).map(([key, value]) => `-c ${key}=${value}`)
      await begin(place.data, at, counting)
    },
    sql: text => asked(at, text),
    async archived() {
      // The byte before: where nothing was written since the last switch, it is the border of two segments.
      const [segment] = await asked(at, 'select pg_walfile_name(pg_switch_wal() - 1)')
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50)) {
        const [last] = await asked(at, `select coalesce(last_archived_wal, '') from pg_stat_archiver`)
        if (last! >= segment!) return segment!
      }
      throw new Error(`${segment} was not archived`)
    },
    async ask(data, text) {
      const sockets = await mkdtemp(join(at, 's'))
      await chmod(sockets, 0o777)
      await begin(data, sockets, ['-c archive_mode=off', '-c archive_command='])
      try {
        for (const until = Date.now() + 60_000; Date.now() < until; await sleep(50))
          if ((await asked(sockets, 'select pg_is_in_recovery()'))[0] === 'false') break
        return await asked(sockets, text)
      } finally {
        await end(data)
      }
    },
    async remove() {
      await end(place.data).catch(() => {}) // The cluster may never have been started.
      await rm(at, { recursive: true, force: true })
    },
  }
}

/** What the contract of an engine needs: a cluster that archives with it, to places in the cluster's own folder. */
export async function bedOf(cluster: TestCluster, physical: Physical): Promise<Made> {
  await cluster.start(physical.archiveCommand())
  let places = 0
  return {
    physical,
    cluster,
    at: cluster.at,
    place: () => ({ kind: 'folder', name: `disk-${++places}`, path: join(cluster.at, `disk-${places}`) }),
    remove: cluster.remove,
  }
}
