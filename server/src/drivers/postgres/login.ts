import type { Login } from '../../data/databases/cluster.ts'
import { pinned } from './connect.ts'

/** Where the programs of PostgreSQL sign in, and as whom. */
export const reach = ({ socketFolder, port, user }: Login): string[] => [
  ...['--host', socketFolder],
  ...['--port', String(port)],
  ...['--username', user],
  '--no-password',
]

/** The whole environment of one of them: argv can be read by everybody on the machine. */
export const environment = (
  { password }: Login,
  settings: Readonly<Record<string, string>> = {},
): Record<string, string> => ({
  PGPASSWORD: password.reveal(),
  PGOPTIONS: pinned(settings),
  PGCLIENTENCODING: 'UTF8',
  LANG: 'C.UTF-8',
})
