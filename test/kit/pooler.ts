import { type ChildProcess, spawn } from 'node:child_process'
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type PoolerFiles,
  type Pooling,
  poolerIni,
  poolerUsers,
} from '../../server/src/apps/databases/pooling.ts'
import { freePartPort } from '../../server/src/drivers/host/ports.ts'
import { packageAccount } from '../../server/src/drivers/host/users.ts'
import { pgbouncer, poolerAnswers } from '../../server/src/drivers/pgbouncer/pgbouncer.ts'
import { Secret } from '../../server/src/kernel/secret.ts'
import { makePostgres } from './postgres.ts'

/** A PostgreSQL with a PgBouncer before it, whose files are those of an app. */
export interface Pooled {
  /** The database as its role reaches it, through the pooler and past it. */
  pooled: string
  direct: string
  version: PoolerFiles['version']
  /** The process of PgBouncer. */
  pid: number
  remove(): Promise<void>
}

const ROLE = 'shop_app'
const PASSWORD = 'p@ss'

export async function makePooled(pooling: Pooling): Promise<Pooled> {
  const postgres = await makePostgres()
  await postgres.sql('postgres', `create role ${ROLE} login superuser password '${PASSWORD}'`)
  await postgres.sql('postgres', 'create database shop')
  const folder = await mkdtemp(join(tmpdir(), 'inn-pooler-'))
  const [ini, users] = [join(folder, 'pgbouncer.ini'), join(folder, 'users.txt')]
  const direct = postgres.url(ROLE, 'shop')
  const [port, version] = [await freePartPort(), await pgbouncer.version()]
  const role = { user: ROLE, password: new Secret(PASSWORD) }
  const access = {
    host: '127.0.0.1',
    port: Number(new URL(direct).port),
    name: 'shop',
    owner: role,
    app: role,
  }
  await writeFile(ini, poolerIni({ access, role: 'app', port, pooling, users, version }))
  await writeFile(users, poolerUsers({ access, role: 'app' }, new Secret('admin')))
  // PgBouncer does not run as root.
  const user = await packageAccount('postgres')
  if (user !== null) for (const path of [folder, ini, users]) await chown(path, user.uid, user.gid)
  const child = spawn('pgbouncer', [ini], {
    stdio: 'ignore',
    ...(user === null ? {} : { uid: user.uid, gid: user.gid }),
  })
  for (const end = Date.now() + 5_000; !(await poolerAnswers(port)) && Date.now() < end; ) await sleep(20)
  return {
    ...{ pooled: direct.replace(`:${access.port}/`, `:${port}/`), direct, version, pid: child.pid! },
    remove: () => gone(child, folder, postgres),
  }
}

async function gone(
  child: ChildProcess,
  folder: string,
  postgres: { remove(): Promise<void> },
): Promise<void> {
  child.kill('SIGKILL')
  await postgres.remove()
  await rm(folder, { recursive: true, force: true })
}
