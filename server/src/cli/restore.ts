import { appName, type Cli, change } from './command.ts'

interface Flags {
  to?: string
  backup?: string
  point?: string
  migrate?: boolean
  plan?: boolean
  yes?: boolean
}

/** inn restore */
export async function restore(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  const { to, backup, point, migrate = false, plan = false } = flags
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()
  await change(cli, {
    path: `/api/apps/${await appName(cli, named)}/restore`,
    body: { to, backup, point, migrate, zone },
    plan,
    confirm: flags.yes || cli.json ? null : 'restore it?',
  })
}

/** inn restore undo, inn restore discard */
export async function after(
  cli: Cli,
  what: 'undo' | 'discard',
  named: string | undefined,
  { plan = false, yes = false }: Flags,
): Promise<void> {
  await change(cli, {
    path: `/api/apps/${await appName(cli, named)}/restore/${what}`,
    body: {},
    plan,
    confirm: yes || cli.json ? null : `${what} it?`,
  })
}
