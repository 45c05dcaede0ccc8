import { appName, type Cli, change } from '../../cli/command.ts'
import { Failure } from '../../kernel/failure.ts'
import { copyInto } from '../copies/cli.ts'
import { restoreTable } from '../tables/cli.ts'
import { PARTS } from './choose-parts.ts'

interface Flags {
  to?: string
  backup?: string
  point?: string
  migrate?: boolean
  database?: boolean
  files?: boolean
  redis?: boolean
  table?: string[]
  merge?: boolean
  copy?: string
  csv?: string
  into?: string
  for?: string
  plan?: boolean
  yes?: boolean
}

/** inn restore */
export async function restore(cli: Cli, named: string | undefined, flags: Flags): Promise<void> {
  fitTogether(flags)
  const { to, backup, point, migrate = false, plan = false, into, table: tables } = flags
  const { timeZone: zone } = Intl.DateTimeFormat().resolvedOptions()
  const moment = { to, backup, point, zone }
  if (into !== undefined) return copyInto(cli, named, { ...flags, into, plan, moment })
  if (tables !== undefined) {
    const { merge = false, copy, csv } = flags
    return restoreTable(cli, named, {
      tables,
      merge,
      copy,
      csv,
      plan,
      yes: flags.yes ?? false,
      moment,
      to: moment,
    })
  }
  const parts = PARTS.filter(part => flags[part])
  await change(cli, {
    path: `/api/apps/${await appName(cli, named)}/restore`,
    body: { ...moment, migrate, ...(parts.length > 0 && { parts }) },
    plan,
    confirm: flags.yes || cli.json ? null : 'restore it?',
  })
}

/** Flags of each way of restoring. A flag of another way is refused: guessing could do the opposite of what was meant. */
const WAYS = [
  { way: '--table', own: ['merge', 'copy', 'csv'] },
  { way: '--into', own: ['for'] },
] as const

function fitTogether(flags: Flags): void {
  const part = PARTS.find(name => flags[name])
  const whole = flags.migrate ? '--migrate' : part && `--${part}`
  const ways = [flags.table && '--table', flags.into && '--into', whole].filter(w => w)
  if (ways.length > 1) throw wrong(`${ways.join(' and ')} do not go together`, 'choose one of them')
  for (const { way, own } of WAYS) {
    const flag = own.find(name => flags[name] !== undefined)
    if (flag !== undefined && !ways.includes(way))
      throw wrong(`--${flag} goes with ${way}`, `\`inn restore --help\``)
  }
}

const wrong = (what: string, fix: string): Failure =>
  new Failure('usage.restore', what, {
    why: 'a restore of the app or of parts of it, single tables and a copy to look at are three ways',
    fix,
  })

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
