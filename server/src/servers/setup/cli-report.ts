import { printJson } from '../../cli/command.ts'
import { local } from '../../cli/times.ts'
import { sentence } from '../../engine/plan.ts'
import { describe } from '../../kernel/failure.ts'
import { count, unmarked } from '../../kernel/words.ts'
import { askedBy } from './cli-local.ts'
import type { Flags, SetupTools } from './cli-tools.ts'
import type { Facts, Kept, Places } from './facts.ts'
import type { Looking } from './machine.ts'
import { keptFrom, observe } from './observe.ts'
import { planSetup } from './plan.ts'
import { drifted, observeUpkeep, type Upkeep } from './report.ts'
import { openPorts } from './rule.ts'
import { setupSentences } from './step.ts'

/** inn server report */
export async function report(tools: SetupTools, { json = false }: Flags): Promise<void> {
  const to = await tools.goal()
  const at: Looking = to === null ? tools.here : await tools.there(to)
  const home = to?.home ?? tools.places.home
  const facts = await observe(at, { home })
  const kept = keptFrom(facts, { home })
  const places = { home, project: kept?.project ?? tools.places.project }
  const upkeep = await observeUpkeep(at)
  const drift = kept === null ? [] : drifted(facts, kept, await wouldDo(tools, facts, places))
  const told = { setUpAt: kept?.at ?? null, set: kept === null ? [] : isSet(facts, kept), drift, ...upkeep }
  if (json) return printJson(told)
  tools.terminal.print(unmarked(text(told)))
}

/** What a set-up would do beside what the drift says already. */
async function wouldDo(tools: SetupTools, facts: Facts, places: Places): Promise<string[]> {
  try {
    const { steps } = planSetup(facts, askedBy({ ...tools, places }, facts, {}))
    const rest = steps
      .map(({ does }) => does)
      .filter(({ kind }) => kind !== 'setup.file' && kind !== 'setup.swap')
    return rest.map(step => sentence(setupSentences, step))
  } catch (error) {
    return [describe(error).what]
  }
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
