import type { Plan } from '../../engine/plan.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { Facts, Kept, Listener, Places, Wishes } from './facts.ts'
import { naming, openPorts, refuse, serverPackages, swapBytes } from './rule.ts'
import type { SetupStep } from './step.ts'
import { cron, FSTAB_LINE, firewallRules, keptIn, PATHS, SSH, UNIT, UPDATES } from './texts.ts'

export interface Asked {
  wishes: Wishes
  places: Places
  /** Debian packages that Innkeeper itself calls. */
  packages: readonly string[]
  /** How long the firewall waits to be confirmed; null: it does not. */
  seconds: number | null
}

type Pair = Plan<SetupStep>['steps'][number]

/** What has to be done so that this machine is set up; no steps: nothing. Throws the Failure that says why it cannot be. */
export function planSetup(facts: Facts, asked: Asked): Plan<SetupStep> {
  const { wishes, places } = asked
  const extra = serverPackages(facts)
  const missing = [
    ...asked.packages.filter(name => !facts.installed.has(name)),
    ...extra.map(({ name }) => name),
  ]
  refuse(facts, missing, places.home)
  const files = wantedFiles(facts, places)
  const swap = swapBytes(facts)
  const steps: Pair[] = [
    ...packageSteps(missing, extra),
    ...files.flatMap(file => fileSteps(facts, file)),
    ...swapSteps(swap),
    ...linkSteps(facts, places),
    ...sshSteps(facts, wishes),
    ...(facts.up ? [] : [pair({ kind: 'setup.up' }, { kind: 'setup.down' })]),
  ]
  const firewall = firewallSteps(facts, asked)
  return {
    kind: 'setup',
    title: 'set this server up',
    app: null,
    release: null,
    locks: ['machine'],
    steps,
    cleanup: [
      ...firewall,
      ...recordSteps(facts, { asked, files, swap, changes: steps.length + firewall.length }),
    ],
    notices: notices(facts, asked),
  }
}

const pair = (does: SetupStep, undo: SetupStep | null): Pair => ({ does, undo })

function packageSteps(missing: readonly string[], extra: ReturnType<typeof serverPackages>): Pair[] {
  if (missing.length === 0) return []
  const services = extra.flatMap(({ service }) => (service === null ? [] : [service]))
  return [
    pair({ kind: 'setup.packages', packages: missing }, { kind: 'setup.unpackages' }),
    ...services.map(name => pair({ kind: 'setup.service', name }, { kind: 'setup.unservice', name })),
  ]
}

function swapSteps(bytes: number): Pair[] {
  const path = PATHS.swap
  return bytes === 0 ? [] : [pair({ kind: 'setup.swap', path, bytes }, { kind: 'setup.unswap', path })]
}

interface Wanted {
  path: string
  text: string
  what: string
}

function wantedFiles(facts: Facts, places: Places): Wanted[] {
  return [
    // Somebody else may have turned it on with a file of their own.
    ...(facts.unattended && facts.files[PATHS.updates] === null
      ? []
      : [{ path: PATHS.updates, text: UPDATES, what: 'security updates each day' }]),
    facts.init === 'systemd'
      ? { path: PATHS.unit, text: UNIT, what: 'the firewall at boot' }
      : { path: PATHS.cron, text: cron(places), what: 'Innkeeper and the firewall at boot' },
  ]
}

const fileSteps = ({ files }: Facts, { path, text, what }: Wanted): Pair[] =>
  files[path] === text
    ? []
    : [
        pair(
          { kind: 'setup.file', path, text, what },
          { kind: 'setup.unfile', path, text: files[path] ?? null },
        ),
      ]

function linkSteps({ link }: Facts, { project }: Places): Pair[] {
  const to = `${project}/inn`
  // A program of somebody else stays, and a notice says so.
  if (link === to || link === '') return []
  return [
    pair({ kind: 'setup.link', path: PATHS.link, to }, { kind: 'setup.unlink', path: PATHS.link, to: link }),
  ]
}

function sshSteps({ ssh, files }: Facts, { hardenSsh }: Wishes): Pair[] {
  if (!hardenSsh || ssh.passwords === null || files[PATHS.ssh] === SSH) return []
  return ssh.keys
    ? [
        pair(
          { kind: 'setup.ssh', path: PATHS.ssh, text: SSH },
          { kind: 'setup.unssh', path: PATHS.ssh, text: files[PATHS.ssh] ?? null },
        ),
      ]
    : []
}

function firewallSteps(facts: Facts, { wishes, seconds }: Asked): SetupStep[] {
  const { firewall, files } = facts
  if (firewall.other !== null) return []
  const ports = openPorts(facts, wishes)
  const rules = firewallRules(ports)
  const holds = firewall.live !== null && firewall.live === firewall.confirmed && files[PATHS.rules] === rules
  return holds ? [] : [{ kind: 'setup.firewall', ports, rules, seconds }]
}

interface Recorded {
  asked: Asked
  files: readonly Wanted[]
  swap: number
  changes: number
}

/** What is written down says what was set, so it is written anew with each change. */
function recordSteps(facts: Facts, { asked, files, swap, changes }: Recorded): SetupStep[] {
  const text = facts.files[keptIn(asked.places).record] ?? null
  const last = text === null ? null : (JSON.parse(text) as Kept)
  const same = last !== null && JSON.stringify(last.wishes) === JSON.stringify(asked.wishes)
  if (changes === 0 && same) return []
  const own = facts.files[PATHS.fstab]?.includes(FSTAB_LINE) === true
  const kept = {
    wishes: asked.wishes,
    project: asked.places.project,
    files: Object.fromEntries(files.map(({ path, text: wanted }) => [path, wanted])),
    swap: swap > 0 || own ? PATHS.swap : null,
  }
  return [{ kind: 'setup.record', kept }]
}

/** What a person should know before: what becomes closed, what is open behind the firewall, and what is left out. */
function notices(facts: Facts, { wishes }: Asked): string[] {
  const { firewall, ssh, docker, link } = facts
  return [
    ...(firewall.other === null ? closing(facts, wishes) : [besides(firewall.other)]),
    ...firewall.closing.map(
      name => `${name} of nftables refuses what it does not name: let it take 80 and 443`,
    ),
    ...docker.map(
      ({ container, port }) =>
        `Docker opens port ${port} of ${container} behind the firewall: publish it as 127.0.0.1:${port} if nobody outside needs it`,
    ),
    ...noSwap(facts),
    ...sshNotices(ssh, wishes),
    ...(link === '' ? [`${PATHS.link} is a program of somebody else, and stays`] : []),
    ...(facts.init === 'other'
      ? [
          'there is no systemd here: cron starts Innkeeper at boot, and the firewall a moment after the network',
        ]
      : []),
  ]
}

const besides = (other: string): string =>
  `${other} is the firewall here and stays: it must let 80 and 443 through${other === 'ufw' ? ' (`ufw allow 80,443/tcp`)' : ''}`

function closing(facts: Facts, wishes: Wishes): string[] {
  const ports = openPorts(facts, wishes)
  const seen = new Map<number, Listener>()
  for (const one of facts.listeners) if (one.open && !ports.includes(one.port)) seen.set(one.port, one)
  return [...seen.values()].map(
    one => `port ${one.port} is closed to the outside: ${naming(one)}; \`--open ${one.port}\` leaves it open`,
  )
}

function noSwap(facts: Facts): string[] {
  if (facts.swapBytes > 0 || swapBytes(facts) > 0) return []
  if (facts.swapTaken) return [`${PATHS.swap} is there and is not in use: it stays, and no swap is made`]
  const { type, freeBytes } = facts.disk
  return [
    `no swap is made: a file on ${type} with ${showSize(freeBytes)} free cannot be, or has no room for it`,
  ]
}

function sshNotices(ssh: Facts['ssh'], { hardenSsh }: Wishes): string[] {
  if (ssh.passwords === null) return ['there is no sshd whose settings could be read']
  if (hardenSsh && !ssh.keys)
    return ['sshd goes on taking passwords: no account has a key in authorized_keys, so nobody would get in']
  if (!hardenSsh && ssh.passwords)
    return [`sshd takes passwords on port ${list(ssh.ports.map(String))}: \`--harden-ssh\` leaves keys alone`]
  return []
}
