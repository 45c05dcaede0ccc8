import { printJson } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import { count, unmarked } from '../../kernel/words.ts'
import type { Flags, SetupTools } from './cli-tools.ts'
import type { Facts, Kept } from './facts.ts'
import { look } from './look.ts'
import type { Looking } from './machine.ts'
import type { Upkeep } from './report.ts'
import { openPorts } from './rule.ts'

/** inn server report */
export async function report(tools: SetupTools, { json = false }: Flags): Promise<void> {
  const to = await tools.goal()
  const at: Looking = to === null ? tools.here : await tools.there(to)
  const { project, home } = tools.places
  const { facts, kept, drift, upkeep } = await look(at, {
    ...{ project, home: to?.home ?? home, packages: tools.packages },
  })
  const told = { setUpAt: kept?.at ?? null, set: kept === null ? [] : isSet(facts, kept), drift, ...upkeep }
  if (json) return printJson(told)
  tools.terminal.print(unmarked(text(told)))
}

const isSet = (facts: Facts, { wishes, swap }: Kept): string[] => [
  ...(facts.firewall.other === null
    ? [`open to the outside: ${openPorts(facts, wishes).join(', ')}`]
    : [`firewall: ${facts.firewall.other}`]),
  `security updates each day: ${facts.unattended ? 'yes' : 'no'}`,
  `swap: ${swap ?? 'none of Innkeeper'}`,
  `sshd takes passwords: ${facts.ssh.passwords === null ? 'it is not known' : facts.ssh.passwords ? 'yes' : 'no'}`,
  `at boot: ${facts.init === 'systemd' ? 'by systemd' : 'by cron'}`,
]

interface Told extends Upkeep {
  setUpAt: string | null
  set: readonly string[]
  drift: readonly string[]
}

function text({ setUpAt, set, drift, updates, heard, restart }: Told): string {
  const security = updates.filter(one => one.security)
  const some = security.slice(0, 10).map(one => `  ${one.package} ${one.from ?? 'new'} → ${one.to}`)
  return [
    setUpAt === null ? 'it was never set up: `inn server setup --local`' : `set up ${local(setUpAt)}`,
    ...set.map(line => `  ${line}`),
    ...(drift.length === 0
      ? []
      : ['changed since:', ...drift.map(line => `  ${line}`), 'again as it was: `inn server setup`']),
    `updates: ${count(security.length, 'security update')} waiting, ${updates.length - security.length} others${heard === null ? '' : `; apt heard of them ${local(heard)}`}`,
    ...some,
    restart === null ? 'no restart is due' : `a restart of the machine is due: ${restart}`,
  ].join('\n')
}
