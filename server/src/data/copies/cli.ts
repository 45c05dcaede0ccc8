import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { CopyView } from './wire.ts'

const DAY_MS = 24 * 3_600_000
const BOUNDS = { example: '24h', least: 1_000, most: 31 * DAY_MS }

interface Order {
  into: string
  for?: string
  plan: boolean
  moment: Record<string, unknown>
}

/** inn restore --into */
export async function copyInto(cli: Cli, named: string | undefined, order: Order): Promise<void> {
  const forMs = order.for === undefined ? DAY_MS : durationOf('--for', order.for, BOUNDS)
  const { into: name } = order
  await change(cli, {
    path: `/api/apps/${await appName(cli, named)}/copies`,
    body: { ...order.moment, name, forMs },
    plan: order.plan,
    async shows() {
      const copy = await cli.client.get<CopyView>(`/api/copies/${encodeURIComponent(name)}`)
      return { facts: { copy }, text: describe(copy, cli.terminal) }
    },
  })
}

function describe({ app, addresses, until, name }: CopyView, { paint }: Terminal): string {
  const goes = until === null ? '' : `  goes ${local(until)}; sooner: inn copies remove ${name}`
  return [
    ...(addresses === null
      ? []
      : [
          `  ${paint('bold', shellOf(app, name))}  (--owner: may change tables)`,
          '  for other programs, with the password in it: inn copies list --url',
        ]),
    paint('dim', goes),
  ].join('\n')
}

const shellOf = (app: string, name: string): string => `inn db shell ${app} --copy ${name}`

/** inn copies */
export async function copiesList(
  { client, terminal, json }: Cli,
  { url = false }: { url?: boolean } = {},
): Promise<void> {
  const all = await client.get<CopyView[]>('/api/copies')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no copy: inn restore --into look --to "10:00" makes one')
  const rows = all.map(copy => [
    copy.name,
    copy.app,
    copy.moment,
    copy.until === null
      ? 'being made'
      : `in ${showDuration(Math.max(0, Date.parse(copy.until) - Date.now()))}`,
    copy.addresses === null ? '-' : shellOf(copy.app, copy.name),
  ])
  terminal.print(table(['COPY', 'APP', 'MOMENT', 'GOES', 'LOOK WITH'], rows))
  if (!url) return
  for (const { name, addresses } of all)
    if (addresses !== null)
      terminal.print(`\n${name}\n  ${addresses.app}\n  ${addresses.owner}  (may change tables)`)
}

/** inn copies remove */
export async function copiesRemove(
  cli: Cli,
  name: string,
  { plan = false }: { plan?: boolean },
): Promise<void> {
  await change(cli, { path: `/api/copies/${encodeURIComponent(name)}/remove`, body: {}, plan })
}
