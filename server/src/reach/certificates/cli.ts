import { at } from '../../cli/client.ts'
import { appName, type Cli, change, printJson } from '../../cli/command.ts'
import { type Terminal, table } from '../../cli/terminal.ts'
import { local } from '../../cli/times.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { CertificateDetails, CertificateView } from './wire.ts'

const STYLE = { good: 'green', part: 'yellow', none: 'yellow', over: 'red' } as const
const WORDS = { good: 'good', part: 'not for all', none: 'none yet', over: 'over' } as const
const NAMES: Record<string, string> = {
  'acme-v02.api.letsencrypt.org': "Let's Encrypt",
  'acme-staging-v02.api.letsencrypt.org': "Let's Encrypt (staging)",
}

/** inn certs */
export async function certsList({ client, terminal, json }: Cli): Promise<void> {
  const all = await client.get<CertificateView[]>('/api/certificates')
  if (json) return printJson(all)
  if (all.length === 0)
    return terminal.print('no app asks for a certificate: domains: in innkeeper.yaml is enough')
  const rows = all.map(one => [
    one.app,
    one.domains.map(({ name }) => name).join(' '),
    terminal.paint(STYLE[one.state], WORDS[one.state]),
    nameOf(one.authority),
    one.to === null ? '-' : left(one.to),
    one.next !== null ? `tried again ${local(one.next)}` : one.renewal === null ? '-' : local(one.renewal),
  ])
  terminal.print(table(['APP', 'DOMAINS', 'STATE', 'AUTHORITY', 'LEFT', 'RENEWAL'], rows))
  for (const one of all) showReasons(one, terminal)
}

/** inn certs show */
export async function certsShow(cli: Cli, named: string | undefined): Promise<void> {
  const { client, terminal, json } = cli
  const one = await client.get<CertificateDetails>(at`/api/apps/${await appName(cli, named)}/certificate`)
  if (json) return printJson(one)
  terminal.print(
    `${one.app}  ${terminal.paint(STYLE[one.state], WORDS[one.state])}  ${nameOf(one.authority)}`,
  )
  for (const { name, covered } of one.domains) terminal.print(`  ${covered ? '✔' : '·'} ${name}`)
  if (one.to !== null && one.renewal !== null)
    terminal.print(`  until ${local(one.to)} (${left(one.to)}), renewed ${local(one.renewal)}`)
  if (one.next !== null) terminal.print(`  tried again ${local(one.next)}, after ${one.failures} that failed`)
  showReasons(one, terminal)
  for (const { subject, issuer, to, sha256 } of one.chain) {
    terminal.print(`\n  ${subject}`)
    terminal.print(terminal.paint('dim', `    by ${issuer}, until ${local(to)}\n    sha256 ${sha256}`))
  }
}

/** inn certs renew */
export async function certsRenew(
  cli: Cli,
  named: string | undefined,
  { plan = false }: { plan?: boolean },
): Promise<void> {
  await change(cli, { path: at`/api/apps/${await appName(cli, named)}/certificate/renew`, body: {}, plan })
}

function showReasons({ app, domains, reason }: CertificateView, terminal: Terminal): void {
  const whole = reason === null ? [] : [`${app}: ${reason}`]
  const each = domains.flatMap(({ name, reason: own }) => {
    if (own === null || own === reason) return []
    return [own.includes(name) ? own : `${name}: ${own}`]
  })
  for (const line of [...whole, ...each]) terminal.print(terminal.paint('yellow', line))
}

const nameOf = (source: string): string => {
  if (source.startsWith('file:')) return source.slice('file:'.length)
  return NAMES[new URL(source).host] ?? new URL(source).host
}

const left = (to: string): string => {
  const ms = Date.parse(to) - Date.now()
  return ms <= 0 ? 'over' : showDuration(ms)
}
