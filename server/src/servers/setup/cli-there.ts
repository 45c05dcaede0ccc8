import { setTimeout as sleep } from 'node:timers/promises'
import { readAddress } from '../../cli/address.ts'
import { printJson } from '../../cli/command.ts'
import { showPlan } from '../../cli/terminal.ts'
import { isEmpty, type Plan } from '../../engine/plan.ts'
import { EXIT } from '../../kernel/exit.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { list } from '../../kernel/words.ts'
import { agreed, shown } from '../errands/cli-errand.ts'
import { askedBy } from './asked.ts'
import { begun, QUESTION } from './cli-local.ts'
import { CONFIRM_SECONDS, type Flags, type SetupTools } from './cli-tools.ts'
import type { Facts, Places, Wishes } from './facts.ts'
import type { Answer, Distant } from './machine.ts'
import { keptFrom, observe } from './observe.ts'
import { type Asked, planSetup } from './plan.ts'
import { openPorts } from './rule.ts'
import { viewOf } from './setup.ts'
import type { SetupStep } from './step.ts'
import { PATHS } from './texts.ts'

/** Where Innkeeper goes on a server that has none. */
const PROJECT = '/opt/innkeeper'
const LONGEST_MS = 60 * 60_000
const LOOK_MS = 500

/** inn server setup SERVER: what is decided and done is done by Innkeeper there. This machine brings it, and looks from outside. */
export async function there(tools: SetupTools, address: string, flags: Flags): Promise<void> {
  const { terminal } = tools
  const json = flags.json ?? false
  const to = readAddress(address)
  const server = await tools.there(to)
  const facts = await observe(server, to)
  // After an upgrade it is elsewhere.
  const project = keptFrom(facts, to)?.project ?? PROJECT
  const places = { home: to.home, project }
  const asked = askedBy({ places, packages: tools.packages }, facts, flags)
  const plan = await planOf(server, facts, asked)
  if (plan !== null && (flags.plan || isEmpty(plan))) {
    shown(viewOf(plan), { json, terminal })
    return
  }
  if (!json && plan !== null) terminal.print(showPlan(viewOf(plan), terminal))
  if (!flags.yes && !(await agreed(terminal, QUESTION))) return
  if ((await server.read(`${project}/inn`)) === null) {
    if (!json) terminal.print(`bringing Innkeeper to ${project} …`)
    await server.bring(project, facts.architecture)
  }
  const done = await settingUp(server, places, {
    argv: commandOf(flags),
    onLine: line => (json ? undefined : terminal.print(line)),
  })
  process.exitCode = done.code
  const outside = await fromOutside(server, facts, asked.wishes)
  if (json) return printJson({ ...result(done), outside })
  terminal.print(said(outside))
  if (done.code === EXIT.done && outside !== null && outside.unexpected.length > 0)
    process.exitCode = EXIT.leftover
}

/** null: a set-up was cut there, which goes on before it is looked at whether the machine is fit. */
async function planOf(server: Distant, facts: Facts, asked: Asked): Promise<Plan<SetupStep> | null> {
  try {
    return planSetup(facts, asked)
  } catch (error) {
    if (await begun(server, asked.places)) return null
    throw error
  }
}

const commandOf = ({ json, hardenSsh, open = [], keepFirewall }: Flags): string[] => [
  ...['server', 'setup', '--local', '--yes'],
  ...(json ? ['--json'] : []),
  ...(hardenSsh ? ['--harden-ssh'] : []),
  ...(keepFirewall ? ['--keep-firewall'] : []),
  ...open.flatMap(port => ['--open', String(port)]),
]

/** What it printed with --json. */
function result({ out, tail }: Answer): object {
  try {
    return JSON.parse(out) as object
  } catch {
    throw new Failure('setup.cut', 'the set-up was cut', {
      why: telling(tail),
      fix: 'the same command goes on where it is',
    })
  }
}

interface SettingUp {
  argv: readonly string[]
  onLine: (line: string) => void
}

/** Runs the set-up there. While its firewall waits, a new connection is tried again and again: when one gets in, it stays. */
async function settingUp(
  server: Distant,
  { home, project }: Places,
  { argv, onLine }: SettingUp,
): Promise<Answer> {
  const env = { INNKEEPER_HOME: home }
  const inn = `${project}/inn`
  let over = false
  const work = server
    .exec([inn, ...argv], { env, timeoutMs: LONGEST_MS, onLine })
    .finally(() => (over = true))
  const confirming = async () => {
    for (; !over; await sleep(LOOK_MS)) {
      const { code } = await server.exec(['test', '-e', PATHS.waiting])
      if (code !== 0) continue
      const { code: failed } = await server.afresh([inn, 'server', 'setup', '--confirm', '--json'])
      if (failed === 0) onLine(`a new connection gets in within the ${CONFIRM_SECONDS} s: the firewall stays`)
    }
  }
  // What goes wrong with it shows itself: then nothing is confirmed.
  await Promise.all([work, confirming().catch(() => {})])
  return work
}

interface Outside {
  open: readonly number[]
  /** Of these, what set-up did not open. */
  unexpected: readonly number[]
}

/** null: this machine cannot see it. */
async function fromOutside(server: Distant, facts: Facts, wishes: Wishes): Promise<Outside | null> {
  const expected = openPorts(facts, wishes)
  const others = [...facts.listeners.filter(one => one.open), ...facts.docker].map(({ port }) => port)
  const open = await server.open([...new Set([...expected, ...others])].sort((a, b) => a - b))
  return open === null ? null : { open, unexpected: open.filter(port => !expected.includes(port)) }
}

function said(outside: Outside | null): string {
  if (outside === null) return 'ssh goes there by way of another machine, so nothing was tried from outside'
  const { open, unexpected } = outside
  const all =
    open.length === 0
      ? 'from here no port answers'
      : `from here these ports answer: ${list(open.map(String))}`
  return unexpected.length === 0
    ? all
    : `${all}; set-up did not open ${list(unexpected.map(String))}: something goes past the firewall, as Docker does`
}
