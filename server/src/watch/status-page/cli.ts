import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { count } from '../../kernel/words.ts'
import { STATE_WORDS } from './rule.ts'
import { percent } from './rule-days.ts'
import type { ComponentState, StatusPageView, SubscriberView } from './wire.ts'

const STYLE: Record<ComponentState, 'green' | 'yellow' | 'red' | 'cyan' | 'dim'> = {
  ...{ operational: 'green', degraded: 'yellow', partial: 'yellow', major: 'red' },
  ...{ maintenance: 'cyan', unknown: 'dim' },
}

/** inn status-page show */
export async function statusPageShow(cli: Cli, given?: string): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, given)
  const shown = await client.get<StatusPageView>(at`/api/apps/${app}/status-page`)
  if (json) return printJson(shown)
  const { url, page, publishedAt, mail, subscribers, told } = shown
  terminal.print(`${page.title}: ${terminal.paint(STYLE[page.state], page.headline)}`)
  terminal.print(`  ${url}, ${publishedAt === null ? 'not written yet' : `written ${local(publishedAt)}`}`)
  const rows = page.components.map(one => [
    one.name,
    terminal.paint(STYLE[one.state], STATE_WORDS[one.state]),
    one.uptime === null ? 'not measured yet' : percent(one.uptime),
  ])
  terminal.print(`\n${table(['COMPONENT', 'STATE', 'UPTIME, 90 DAYS'], rows)}\n`)
  for (const { id, title, state, updates } of page.incidents.filter(one => one.resolvedAt === null))
    terminal.print(`incident ${id}, ${state}: ${title}: ${updates[0]!.text}`)
  for (const one of page.maintenance.filter(({ state }) => state !== 'over'))
    terminal.print(`maintenance ${one.id}, ${one.state}: ${local(one.beginsAt)} to ${local(one.endsAt)}`)
  if (told !== null) terminal.print(`last told: ${told.title} (${local(told.at)})`)
  terminal.print(
    mail === null
      ? 'nobody can subscribe: mail: below statusPage: names a channel of e-mail, and inn notify add adds one'
      : `${count(subscribers, 'subscriber')}, told by the channel ${mail}`,
  )
}

/** inn status-page subscribers */
export async function statusPageSubscribers(cli: Cli, given?: string): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, given)
  const all = await client.get<SubscriberView[]>(at`/api/apps/${app}/status-page/subscribers`)
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('nobody has subscribed')
  const rows = all.map(one => [
    ...[one.address, local(one.since)],
    one.confirmedAt === null ? 'not confirmed yet' : local(one.confirmedAt),
  ])
  terminal.print(table(['ADDRESS', 'ASKED', 'CONFIRMED'], rows))
}

/** inn status-page remove */
export async function statusPageRemove(
  { client, terminal, json }: Cli,
  app: string,
  address: string,
): Promise<void> {
  const removed = await client.post<{ removed: true }>(at`/api/apps/${app}/status-page/subscribers/remove`, {
    address,
  })
  if (json) return printJson(removed)
  terminal.print(`${address} is told nothing more`)
}
