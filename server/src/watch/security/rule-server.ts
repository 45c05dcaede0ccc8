import { count, list } from '../../kernel/words.ts'
import { openPorts } from '../../servers/setup/rule.ts'
import type { Listening, ServerFacts } from './facts.ts'
import { type Found, judged, judgedOf, type Outcome, unknown } from './outcome.ts'

const SERVER = { app: null, subject: 'the server' }
const DAY_MS = 86_400_000
/** After so many days without news from apt, "no update waits" means nothing. */
const FRESH_DAYS = 7

type Machine = Extract<ServerFacts['machine'], { seen: unknown }>['seen']

/** What is wrong with the server itself. */
export const ofServer = (facts: ServerFacts): Outcome[] => [
  ...('unseen' in facts.machine
    ? (['server.updates', 'server.firewall', 'server.ports', 'server.drift'] as const).map(check =>
        unknown(check, SERVER, (facts.machine as { unseen: string }).unseen),
      )
    : ofMachine(facts.machine.seen, facts.now)),
  ...judged('server.walls', SERVER, walls(facts.walls)),
  ...judgedOf('server.files', SERVER, facts.files, paths =>
    paths.map(path => ({
      what: `every user of this machine can read ${path}`,
      fix: `\`chmod o= ${path}\``,
    })),
  ),
  ...judgedOf('audit.seal', SERVER, facts.audit, entry =>
    entry === null
      ? []
      : [
          {
            what: `the audit log was changed by hand: entry ${entry} does not follow from the one before it`,
            fix: '`inn audit verify` says more; whoever can write to the store is root of this server',
          },
        ],
  ),
  ...judgedOf('people.access', SERVER, facts.access, ask =>
    ask.length === 0
      ? []
      : [
          {
            what: `${count(ask.length, 'thing')} to ask about who has access`,
            fix: '`inn people review` says which; `inn people remove` and `inn token remove` end what nobody uses',
          },
        ],
  ),
]

const ofMachine = (machine: Machine, now: number): Outcome[] => [
  ...updates(machine, now),
  ...judged('server.unattended', SERVER, [
    ...(machine.facts.unattended
      ? []
      : [
          {
            what: 'security updates are not installed by themselves',
            fix: '`inn server setup --local` does it, or `apt-get install unattended-upgrades`',
          },
        ]),
  ]),
  ...judged('server.restart', SERVER, [
    ...(machine.upkeep.restart === null
      ? []
      : [{ what: machine.upkeep.restart, fix: '`reboot`, at an hour when nobody is served' }]),
  ]),
  machine.kept === null
    ? unknown(
        'server.drift',
        SERVER,
        'it was never set up by `inn server setup`, so there is nothing to compare with',
      )
    : judged(
        'server.drift',
        SERVER,
        machine.drift.length === 0
          ? []
          : [
              {
                what: machine.drift.slice(0, 5).join('; '),
                fix: '`inn server report` shows all, `inn server setup --local` sets it as it was',
              },
            ],
      )[0]!,
  firewall(machine),
  ...judged('server.ports', SERVER, openings(machine)),
  ...ssh(machine),
]

function updates({ upkeep: { updates: all, heard } }: Machine, now: number): Outcome[] {
  const waiting = all.filter(one => one.security).map(one => one.package)
  const days = heard === null ? null : Math.floor((now - Date.parse(heard)) / DAY_MS)
  if (waiting.length === 0 && (days === null || days > FRESH_DAYS))
    return [
      unknown(
        'server.updates',
        SERVER,
        `apt ${days === null ? 'never heard' : `has not heard for ${days} days`} which updates there are: \`apt-get update\``,
      ),
    ]
  const some = `${waiting.slice(0, 5).join(', ')}${waiting.length > 5 ? ' …' : ''}`
  return judged('server.updates', SERVER, [
    ...(waiting.length === 0
      ? []
      : [
          {
            what: `${count(waiting.length, 'security update')} waiting: ${some}`,
            fix: '`apt-get update && apt-get upgrade`',
          },
        ]),
  ])
}

function firewall({ facts: { root, firewall: of } }: Machine): Outcome {
  if (!root) return unknown('server.firewall', SERVER, 'only root sees the rules of the kernel')
  const ours = of.live !== null && of.live === of.confirmed
  const closes = ours || of.other !== null || of.closing.length > 0
  return judged(
    'server.firewall',
    SERVER,
    closes
      ? []
      : [
          {
            what:
              of.live === null
                ? 'no firewall that refuses what it does not name was found on this machine'
                : 'the firewall has other rules than were confirmed',
            fix: '`inn server setup --local`; where the provider has a firewall in front, it is not seen from here',
          },
        ],
  )[0]!
}

/** Programs that keep data, and ask for no password where nobody gave them one. */
const DATA =
  /(^|\/|\s)(postgres|postmaster|mysqld|mariadbd|redis-server|valkey-server|mongod|memcached|etcd|elasticsearch|opensearch|clickhouse-server|influxd|rabbitmq-server|beam\.smp)\b/

function openings(machine: Machine): Found[] {
  const { facts, kept, listening } = machine
  const ours = facts.firewall.live !== null && facts.firewall.live === facts.firewall.confirmed
  const through = ours ? new Set(openPorts(facts, kept?.wishes ?? { open: [] })) : null
  // `inn server setup --open`: somebody wants it so.
  const named = new Set(kept?.wishes.open)
  const seen = listening.filter(
    one =>
      one.open && !isMeant(one, facts.ssh.ports) && !named.has(one.port) && (through?.has(one.port) ?? true),
  )
  const docker = facts.docker.filter(({ port }) => !seen.some(one => one.port === port))
  return [
    ...seen.map(one => opening(one, facts.firewall)),
    ...docker.map(({ container, port }) => ({
      subject: `port ${port}`,
      what: `Docker publishes port ${port} of ${container} to everybody, past the firewall`,
      fix: `publish it on loopback alone: \`-p 127.0.0.1:${port}:…\``,
    })),
  ]
}

const isMeant = ({ service, command, port }: Listening, sshd: readonly number[]): boolean =>
  service === 'edge' || (sshd.includes(port) && /(^|\/)sshd\b|systemd/.test(command ?? ''))

function opening(
  { port, pid, command, service }: Listening,
  { other, closing }: Machine['facts']['firewall'],
): Found {
  // Arguments may hold a password.
  const program = command?.split(' ')[0]
  const who = service ?? (program === undefined ? 'a program that cannot be seen' : `${program} (pid ${pid})`)
  const behind = other ?? closing[0]
  const severity = DATA.test(command ?? '') ? 'critical' : 'high'
  return {
    subject: `port ${port}`,
    severity: behind === undefined ? severity : 'low',
    what: `${who} listens on port ${port} of all interfaces${behind === undefined ? '' : `; whether ${behind} lets visitors through to it is not known here`}`,
    fix:
      service === null
        ? 'let it listen on 127.0.0.1, or stop it; `inn server setup --local` closes what is not named'
        : 'let it listen on 127.0.0.1, as `HOST` says it: the edge is on this machine',
  }
}

function ssh({ facts: { ssh: of, listeners } }: Machine): Outcome[] {
  if (!listeners.some(({ port, open }) => open && of.ports.includes(port))) return []
  if (of.passwords === null)
    return [unknown('server.ssh', SERVER, 'sshd does not say how it is set (`sshd -T`)')]
  return judged(
    'server.ssh',
    SERVER,
    of.passwords
      ? [
          {
            what: `sshd lets in by a password, at port ${list(of.ports.map(String))}`,
            fix: of.keys
              ? '`inn server setup --local --harden-ssh`'
              : 'bring a key first: `ssh-copy-id root@SERVER` from your machine, then `inn server setup --local --harden-ssh`',
          },
        ]
      : [],
  )
}

const walls = ({ root, ports, mounts }: ServerFacts['walls']): Found[] => [
  ...(root
    ? []
    : [
        {
          what: 'Innkeeper runs without root, so all apps run as one user, with no walls between them',
          fix: 'run it as root: each app gets a user of its own',
        },
      ]),
  ...(ports === null
    ? []
    : [
        {
          what: `an app may take the port of another one that is down: ${ports}`,
          fix: '`apt-get install nftables`, then `inn up`',
        },
      ]),
  ...(mounts === null
    ? []
    : [
        {
          what: `apps see what permissions let them of the home, /tmp and processes of others: ${mounts}`,
          fix: 'run Innkeeper on the machine itself, or in a container that may mount (CAP_SYS_ADMIN)',
        },
      ]),
]
