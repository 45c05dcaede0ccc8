import type { Login } from '../../apps/databases/cluster.ts'
import { pinned } from './connect.ts'

/** Options for PostgreSQL's programs: host, port and user. */
export const reach = ({ socketFolder, port, user }: Login): string[] => [
  ...['--host', socketFolder],
  ...['--port', String(port)],
  ...['--username', user],
  '--no-password',
]

export const listening = ({ socketFolder, port }: Login) => ({ host: socketFolder, port })

/** The environment of a PostgreSQL program. The password is here because every user of the machine can read argv. */
export const environment = (
  { password }: Login,
  settings: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  PGPASSWORD: password.reveal(),
  PGOPTIONS: pinned(settings),
  PGCLIENTENCODING: 'UTF8',
  LANG: 'C.UTF-8',
})
