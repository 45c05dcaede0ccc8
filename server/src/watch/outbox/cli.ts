import { writeFile } from 'node:fs/promises'
import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { count } from '../../kernel/words.ts'
import { variablesOf } from './given.ts'
import type { Grant, OutboxMessage, OutboxView, Preview, Suppressed, TemplateView } from './wire.ts'

const STYLE = {
  waiting: 'yellow',
  sending: 'cyan',
  sent: 'green',
  bounced: 'red',
  refused: 'red',
  suppressed: 'red',
  cancelled: 'dim',
  withheld: 'dim',
} as const

/** inn outbox list */
export async function outboxList(
  cli: Cli,
  named: string | undefined,
  { lines }: { lines: number },
): Promise<void> {
  const { client, terminal, json } = cli
  const app = await appName(cli, named)
  const view = await client.get<OutboxView>(`${at`/api/apps/${app}/outbox`}?limit=${lines}`)
  if (json) return printJson(view)
  for (const line of missing(app, view)) terminal.print(terminal.paint('yellow', line))
  if (view.messages.length === 0) return terminal.print(`${app} has sent nothing yet`)
  const rows = view.messages.map(one => [
    one.id,
    local(one.at),
    terminal.paint(STYLE[one.state], one.state),
    one.template,
    one.to ?? '-',
    one.state === 'waiting' && one.sendAt !== one.at ? `at ${local(one.sendAt)}` : (one.why ?? ''),
  ])
  terminal.print(table(['ID', 'TAKEN', 'STATE', 'TEMPLATE', 'TO', ''], rows))
  if (view.waiting > 0) terminal.print(`${count(view.waiting, 'message')} not delivered yet`)
}

/** What keeps an app from sending. */
function missing(app: string, { wants, grants }: OutboxView): string[] {
  if (wants === null) return [`${app} names no channel: messages: of innkeeper.yaml does`]
  return [wants.email, wants.telegram].flatMap(channel =>
    channel === null || grants.some(one => one.channel === channel)
      ? []
      : [`${app} may not send by ${channel}: inn outbox allow ${channel} --app ${app}`],
  )
}

/** inn outbox show */
export async function outboxShow({ client, terminal, json }: Cli, id: string): Promise<void> {
  const message = await client.get<OutboxMessage>(at`/api/outbox/messages/${id}`)
  if (json) return printJson(message)
  show(message, terminal)
}

/** inn outbox cancel */
export async function outboxCancel({ client, terminal, json }: Cli, id: string): Promise<void> {
  const message = await client.post<OutboxMessage>(at`/api/outbox/messages/${id}/cancel`, {})
  if (json) return printJson(message)
  terminal.print(`${id} is not sent`)
}

function show(message: OutboxMessage, terminal: Terminal): void {
  const { app, template, channel, by, to, state, why, key, attempts } = message
  terminal.print(`${message.id}  ${terminal.paint(STYLE[state], state)}${why === null ? '' : `: ${why}`}`)
  terminal.print(`  ${template} of ${app}, ${channel} by ${by}, to ${to ?? 'somebody whom you may not see'}`)
  terminal.print(`  taken ${local(message.at)}${key === null ? '' : `, with the key ${key}`}`)
  if (message.sendAt !== message.at) terminal.print(`  to be sent ${local(message.sendAt)}`)
  for (const { at: tried, outcome, said } of attempts)
    terminal.print(
      terminal.paint(
        'dim',
        `  ${local(tried)}  ${outcome ?? 'no answer was noted'}${said === null ? '' : `: ${said}`}`,
      ),
    )
}

/** inn outbox templates */
export async function outboxTemplates(cli: Cli, named: string | undefined): Promise<void> {
  const app = await appName(cli, named)
  const all = await cli.client.get<TemplateView[]>(at`/api/apps/${app}/outbox/templates`)
  if (cli.json) return printJson(all)
  if (all.length === 0)
    return cli.terminal.print(`${app} has no template: messages/NAME.html in its source is one`)
  const rows = all.map(one => [
    one.template,
    one.channel,
    one.language ?? '-',
    Object.keys(one.sample).join(', ') || '-',
  ])
  cli.terminal.print(table(['TEMPLATE', 'FOR', 'LANGUAGE', 'SAMPLE'], rows))
}

interface PreviewFlags {
  set?: string[]
  language?: string
  telegram?: boolean
  out?: string
}

/** inn outbox preview */
export async function outboxPreview(
  { client, terminal, json }: Cli,
  { name, template }: { name: string; template: string },
  { set = [], language = undefined, telegram = false, out }: PreviewFlags,
): Promise<void> {
  const made = await client.post<Preview>(at`/api/apps/${name}/outbox/preview`, {
    ...{ template, channel: telegram ? 'telegram' : 'email', language: language ?? null },
    variables: variablesOf(set),
  })
  if (out !== undefined) await writeFile(out, made.html ?? made.text)
  if (json) return printJson({ ...made, out: out ?? null })
  if (made.subject !== null) terminal.print(terminal.paint('bold', made.subject))
  terminal.print(made.text)
  if (out !== undefined) terminal.print(terminal.paint('dim', `written to ${out}`))
}

/** inn outbox grants */
export async function outboxGrants({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<Grant[]>('/api/outbox/grants')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no app may send: inn outbox allow CHANNEL --app APP')
  const rows = all.map(one => [one.app, one.channel, String(one.perDay), one.by, local(one.at)])
  terminal.print(table(['APP', 'CHANNEL', 'A DAY', 'ALLOWED BY', 'AT'], rows))
}

/** inn outbox allow */
export async function outboxAllow(
  { client, terminal, json }: Cli,
  channel: string,
  { app, perDay }: { app: string; perDay: number },
): Promise<void> {
  const done = await client.post('/api/outbox/grants', { app, channel, perDay })
  if (json) return printJson(done)
  terminal.print(`${app} may send by ${channel}: ${count(perDay, 'message')} in 24 hours`)
}

/** inn outbox deny */
export async function outboxDeny(
  { client, terminal, json }: Cli,
  channel: string,
  { app }: { app: string },
): Promise<void> {
  const done = await client.delete(at`/api/outbox/grants/${app}/${channel}`)
  if (json) return printJson(done)
  terminal.print(`${app} sends nothing more by ${channel}`)
}

/** inn outbox suppressed */
export async function outboxSuppressed({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<Suppressed[]>('/api/outbox/suppressed')
  if (json) return printJson(all)
  if (all.length === 0) return terminal.print('no address is suppressed')
  terminal.print(
    table(
      ['ADDRESS', 'CHANNEL', 'SINCE', 'WHY'],
      all.map(one => [one.address, one.channel, local(one.at), one.why]),
    ),
  )
}

/** inn outbox lift */
export async function outboxLift(
  { client, terminal, json }: Cli,
  address: string,
  { channel }: { channel: string },
): Promise<void> {
  const done = await client.post('/api/outbox/suppressed/lift', { channel, address })
  if (json) return printJson(done)
  terminal.print(`${address} is sent to again by ${channel}`)
}
