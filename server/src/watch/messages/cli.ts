import { at } from '../../cli/client.ts'
import { type Cli, printJson } from '../../cli/command.ts'
import { type EnvFlags, givenEnv } from '../../cli/env.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { durationOf, local } from '../../cli/times.ts'
import { EXIT } from '../../kernel/exit.ts'
import { count, unmarked } from '../../kernel/words.ts'
import { type AddFlags, given } from './given.ts'
import type { ChannelAdded, ChannelRemoved, ChannelSettings, ChannelView, MessageView } from './wire.ts'

const SECOND_MS = 1_000
/** Longest that a person is left without a word. */
const SILENT_MS = 2_000
const DAY_MS = 86_400_000
const STYLE = { sent: 'green', sending: 'cyan', waiting: 'yellow', dropped: 'red' } as const

/** inn notify list */
export async function notifyList(
  { client, terminal, json }: Cli,
  { lines }: { lines: number },
): Promise<void> {
  const [channels, messages] = await Promise.all([
    client.get<ChannelView[]>('/api/channels'),
    client.get<MessageView[]>(`/api/messages?limit=${lines}`),
  ])
  if (json) return printJson({ channels, messages })
  if (channels.length === 0)
    return terminal.print(
      'nobody is told: inn notify add NAME --email you@example.com, --telegram CHAT, --slack, …',
    )
  const rows = channels.map(one => [
    one.name,
    one.settings.kind,
    goal(one.settings),
    one.instead === null ? '-' : one.instead.channel,
    one.suppressed !== null
      ? terminal.paint('red', 'bounced')
      : one.waiting > 0
        ? `${one.waiting} wait`
        : 'good',
  ])
  terminal.print(table(['NAME', 'KIND', 'TO', 'INSTEAD', 'STATE'], rows))
  for (const { name, suppressed } of channels)
    if (suppressed !== null) terminal.print(terminal.paint('yellow', `${name}: ${suppressed}`))
  if (messages.length > 0) terminal.print('')
  for (const message of messages) showMessage(message, terminal)
}

/** inn notify add */
export async function notifyAdd(
  { client, terminal, json }: Cli,
  name: string,
  flags: AddFlags & EnvFlags & { instead?: string; after: string },
): Promise<void> {
  const { settings, secret } = given(flags, await givenEnv(flags, terminal))
  const afterMs = durationOf('--after', flags.after, { example: '5m', least: SECOND_MS, most: DAY_MS })
  const instead = flags.instead === undefined ? null : { channel: flags.instead, afterMs }
  const added = await client.post<ChannelAdded>('/api/channels', { name, settings, secret, instead })
  if (json) return printJson(added)
  terminal.print(`${name} is told from now on; try it: inn notify test ${name}`)
  for (const finding of added.findings) terminal.print(terminal.paint('yellow', `note: ${unmarked(finding)}`))
}

/** inn notify test */
export async function notifyTest({ client, terminal, json }: Cli, name: string): Promise<void> {
  const waits = setTimeout(() => terminal.note(`${name} has not answered yet; it has 15 s to`), SILENT_MS)
  const message = await client
    .post<MessageView>(at`/api/channels/${name}/test`, {})
    .finally(() => clearTimeout(waits))
  if (message.state !== 'sent') process.exitCode = EXIT.failed
  if (json) return printJson(message)
  showMessage(message, terminal)
}

/** inn notify remove */
export async function notifyRemove({ client, terminal, json }: Cli, name: string): Promise<void> {
  const removed = await client.delete<ChannelRemoved>(at`/api/channels/${name}`)
  if (json) return printJson(removed)
  terminal.print(`${name} is told nothing from now on`)
  if (removed.routes > 0)
    terminal.print(
      `${count(removed.routes, 'route')} to it went with it; \`inn alerts routes\` shows the others`,
    )
  if (removed.dropped > 0)
    terminal.print(
      terminal.paint('yellow', `${count(removed.dropped, 'message')} that it had not taken will not be sent`),
    )
}

/** A message with its tries. */
function showMessage(
  { at: when, channel, to, title, state, together, nextAt, attempts }: MessageView,
  terminal: Terminal,
): void {
  const more = together > 1 ? ` (with ${together - 1} more in one)` : ''
  terminal.print(
    `${local(when)}  ${terminal.paint(STYLE[state], state)}  ${channel}${to === null ? '' : ` to ${to}`}: ${title}${more}`,
  )
  const failed = attempts.filter(one => one.outcome !== 'sent')
  for (const { at: tried, said } of failed.slice(-3))
    terminal.print(terminal.paint('dim', `    ${local(tried)}  ${said ?? 'no answer was noted'}`))
  if (nextAt !== null && state === 'waiting')
    terminal.print(terminal.paint('dim', `    again ${local(nextAt)}`))
}

function goal(settings: ChannelSettings): string {
  if ('to' in settings) return settings.to
  if ('chat' in settings) return settings.chat
  return 'url' in settings ? settings.url : '-'
}
