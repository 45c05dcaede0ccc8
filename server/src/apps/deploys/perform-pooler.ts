import { join } from 'node:path'
import { Secret } from '../../kernel/secret.ts'
import { POOLER_LOG, poolerName } from '../app/names.ts'
import { PASSWORDS } from '../databases/access.ts'
import type { Clusters } from '../databases/cluster.ts'
import { poolerIni, poolerUsers } from '../databases/pooling.ts'
import { makeHome } from './perform-home.ts'
import { answers, type Managed, managed, passwords, type ServerPorts } from './perform-provide.ts'
import type { Machine } from './ports.ts'
import type { DeployStep } from './step.ts'

/**
 * The PgBouncer of an app, as the app's own user: what it knows, the app knows, too. One that runs reads its files anew
 * and keeps every connection, so that a deploy with other sizes fails no query.
 */
export async function providePooler(
  ports: ServerPorts & Pick<Machine, 'poolers'> & { clusters: Clusters<Managed> },
  step: Extract<DeployStep, { kind: 'pooler.provide' }>,
): Promise<string> {
  const { app, port, pooling, role } = step
  const version = await ports.poolers.version()
  await makeHome(ports, app)
  const { settings, root, logs } = ports.home.app(app)
  const account = await ports.account(app)
  const secrets = await passwords(ports, app)
  const access = await managed(ports, step, secrets)
  const admin = new Secret(secrets[PASSWORDS.pooler]!)
  const name = poolerName(app)
  await ports.apps.givePort(name, port)
  await ports.holdPorts()
  const [ini, users] = ['pgbouncer.ini', 'pgbouncer-users.txt'].map(file => join(settings, file)) as [
    string,
    string,
  ]
  for (const [file, text] of [
    [users, poolerUsers({ access, role }, admin)],
    [ini, poolerIni({ access, role, port, pooling, users, version })],
  ] as const) {
    await ports.files.write(file, text, 0o600)
    await ports.files.own(file, account)
  }
  await ports.supervisor.define({
    name,
    argv: ['pgbouncer', ini],
    cwd: root,
    env: { LANG: 'C.UTF-8' },
    user: null,
    confinement: await ports.confined(app, { inside: root, name }),
    log: join(logs, POOLER_LOG),
    tag: '-',
    // It lets transactions end before it goes.
    stopSignal: 'INT',
    graceSeconds: 10,
  })
  await ports.supervisor.start(name)
  await answers(ports, port)
  await ports.poolers.reload({ port, password: admin })
  return `PgBouncer ${version.join('.')} on port ${port}`
}
