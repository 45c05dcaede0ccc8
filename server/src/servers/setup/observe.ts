import type { Facts, Kept, Places } from './facts.ts'
import type { Looking } from './machine.ts'
import {
  joinListeners,
  readClosing,
  readDisk,
  readDocker,
  readMemory,
  readOsRelease,
  readOwners,
  readSockets,
  readSshd,
} from './reading.ts'
import { FSTAB_LINE, keptIn, PATHS, TABLE } from './texts.ts'

const cat = (path: string) => ['cat', '--', path]

/** find ends with a code of its own when a process went away meanwhile, and what it found counts all the same. */
const SOCKETS = String.raw`find /proc -mindepth 3 -maxdepth 3 -path '/proc/[0-9]*/fd/*' -lname 'socket:*' -printf '%p %l\n'; true`
const TREES = `find /proc -mindepth 2 -maxdepth 2 -path '/proc/[0-9]*/cmdline' -exec grep -lsa runsvdir {} +; true`

/** The programs that look, none of which changes anything. */
const LOOKS = {
  uid: ['id', '-u'],
  release: cat('/etc/os-release'),
  architecture: ['uname', '-m'],
  memory: cat('/proc/meminfo'),
  disk: ['df', '-B1', '--output=avail,fstype', '/'],
  systemd: ['test', '-d', '/run/systemd/system'],
  tcp: cat('/proc/net/tcp'),
  tcp6: cat('/proc/net/tcp6'),
  sockets: ['sh', '-c', SOCKETS],
  trees: ['sh', '-c', TREES],
  installed: ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n'],
  daily: ['apt-config', 'dump', 'APT::Periodic::Unattended-Upgrade'],
  sshd: ['/usr/sbin/sshd', '-T'],
  cameIn: ['printenv', 'SSH_CONNECTION'],
  keys: ['find', '/root', '/home', '-maxdepth', '3', '-path', '*/.ssh/authorized_keys', '-size', '+0'],
  ufw: ['ufw', 'status'],
  firewalld: ['firewall-cmd', '--state'],
  chains: ['nft', '-j', 'list', 'chains'],
  table: ['nft', 'list', 'table', 'inet', TABLE],
  docker: ['docker', 'ps', '--format', '{{.Names}}\t{{.Ports}}'],
  link: ['readlink', PATHS.link],
  program: ['test', '-e', PATHS.link],
  swapFile: ['test', '-e', PATHS.swap],
} as const

/** What each of them printed; null: it failed, or is not there. */
type Seen = Record<keyof typeof LOOKS, string | null>

/** Looks at a machine and changes nothing. */
export async function observe(at: Looking, places: Pick<Places, 'home'>): Promise<Facts> {
  const { updates, rules, unit, cron, ssh, fstab } = PATHS
  const { record, table } = keptIn(places)
  const paths = [updates, rules, unit, cron, ssh, fstab, record, table]
  const names = Object.keys(LOOKS) as Array<keyof typeof LOOKS>
  const all = await at.all([...Object.values(LOOKS), ...paths.map(cat)])
  const seen = Object.fromEntries(names.map((name, n) => [name, all[n]!])) as Seen
  const files = Object.fromEntries(paths.map((path, n) => [path, all[names.length + n]!]))
  const { listeners, up } = await processes(at, seen, places)
  return {
    root: seen.uid?.trim() === '0',
    distribution: readOsRelease(seen.release ?? ''),
    architecture: seen.architecture?.trim() ?? 'unknown',
    memoryBytes: readMemory(seen.memory ?? '', 'MemTotal'),
    swapBytes: readMemory(seen.memory ?? '', 'SwapTotal'),
    swapTaken: seen.swapFile !== null && files[fstab]?.includes(FSTAB_LINE) !== true,
    disk: readDisk(seen.disk ?? ''),
    init: seen.systemd === null ? 'other' : 'systemd',
    listeners,
    ...packages(seen),
    ssh: sshd(seen, listeners),
    firewall: firewall(seen, files[table]!),
    docker: readDocker(seen.docker ?? ''),
    files,
    link: seen.link?.trim() ?? (seen.program === null ? null : ''),
    up,
  }
}

/** Who listens, and whether a runsvdir looks at the services of this home. */
async function processes(
  at: Looking,
  { tcp, tcp6, sockets: links, trees }: Seen,
  { home }: Pick<Places, 'home'>,
): Promise<Pick<Facts, 'listeners' | 'up'>> {
  const sockets = readSockets(`${tcp ?? ''}\n${tcp6 ?? ''}`)
  const owners = readOwners(links ?? '')
  const pids = [...new Set(sockets.flatMap(({ inode }) => owners.get(inode) ?? []))]
  const candidates = (trees ?? '').split('\n').filter(path => path !== '')
  const texts = await at.all([...pids.map(pid => cat(`/proc/${pid}/cmdline`)), ...candidates.map(cat)])
  const commands = new Map(pids.map((pid, n) => [pid, (texts[n] ?? '').replaceAll('\0', ' ').trim()]))
  const up = texts.slice(pids.length).some(text => {
    const [program = '', ...args] = (text ?? '').split('\0')
    return /(^|\/)runsvdir$/.test(program) && args.includes(`${home}/service`)
  })
  return { listeners: joinListeners(sockets, owners, commands), up }
}

function packages({ installed: listed, daily }: Seen): Pick<Facts, 'installed' | 'unattended'> {
  const lines = (listed ?? '').split('\n').filter(line => line.endsWith(' installed'))
  const installed = new Set(lines.map(line => line.split(' ')[0]!))
  return { installed, unattended: installed.has('unattended-upgrades') && /"[1-9]\d*"/.test(daily ?? '') }
}

function sshd({ sshd: settings, cameIn, keys }: Seen, listeners: Facts['listeners']): Facts['ssh'] {
  const heard = listeners.filter(({ open, command }) => open && /(^|\/)sshd\b/.test(command ?? ''))
  // "client port server port": the port that this command came in by is the last.
  const own = cameIn?.trim().split(' ').at(-1)
  const ports = [
    ...(settings === null ? [] : readSshd(settings, 'port').map(Number)),
    ...heard.map(({ port }) => port),
    ...(own === undefined ? [] : [Number(own)]),
  ]
  return {
    ports: [...new Set(ports)].sort((a, b) => a - b),
    passwords: settings === null ? null : readSshd(settings, 'passwordauthentication')[0] === 'yes',
    keys: (keys ?? '').trim() !== '',
  }
}

function firewall({ ufw, firewalld, chains, table }: Seen, confirmed: string | null): Facts['firewall'] {
  const other = /^Status: active/m.test(ufw ?? '') ? 'ufw' : firewalld === null ? null : 'firewalld'
  const closing = chains === null || other !== null ? [] : readClosing(chains, TABLE)
  return { other, closing, live: table, confirmed }
}

/** What set-up wrote down of itself; null: it never ran to its end. */
export function keptFrom({ files }: Pick<Facts, 'files'>, places: Pick<Places, 'home'>): Kept | null {
  const text = files[keptIn(places).record] ?? null
  return text === null ? null : (JSON.parse(text) as Kept)
}
