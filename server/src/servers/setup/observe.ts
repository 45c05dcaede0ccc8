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
import { keptIn, PATHS, TABLE } from './texts.ts'

const LOOK_MS = 30_000

/** Looks at a machine and changes nothing. */
export async function observe(at: Looking, places: Places): Promise<Facts> {
  const out = async (...argv: string[]) => {
    const { code, out: text } = await at.exec(argv, { timeoutMs: LOOK_MS, env: { LC_ALL: 'C' } })
    return code === 0 ? text : null
  }
  const memory = (await at.read('/proc/meminfo')) ?? ''
  const systemd = (await out('test', '-d', '/run/systemd/system')) !== null
  const listeners = await listening(at)
  return {
    root: (await out('id', '-u'))?.trim() === '0',
    distribution: readOsRelease((await at.read('/etc/os-release')) ?? ''),
    architecture: (await out('uname', '-m'))?.trim() ?? 'unknown',
    memoryBytes: readMemory(memory, 'MemTotal'),
    swapBytes: readMemory(memory, 'SwapTotal'),
    disk: readDisk((await out('df', '-B1', '--output=avail,fstype', '/')) ?? ''),
    init: systemd ? 'systemd' : 'other',
    listeners,
    ...(await packages(out)),
    ssh: await sshd(out, listeners),
    firewall: await firewall(at, out, places),
    docker: readDocker((await out('docker', 'ps', '--format', '{{.Names}}\t{{.Ports}}')) ?? ''),
    files: await written(at, places),
    link: await link(out),
    up: await runs(at, out, places),
  }
}

type Out = (...argv: string[]) => Promise<string | null>

async function listening(at: Looking): Promise<Facts['listeners']> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(path => at.read(path)))
  const sockets = readSockets(tables.map(text => text ?? '').join('\n'))
  // find ends with a code of its own when a process went away meanwhile.
  const { out: links } = await at.exec(
    [
      'find',
      '/proc',
      '-mindepth',
      '3',
      '-maxdepth',
      '3',
      '-path',
      '/proc/[0-9]*/fd/*',
      '-lname',
      'socket:*',
      '-printf',
      '%p %l\n',
    ],
    { timeoutMs: LOOK_MS },
  )
  const owners = readOwners(links)
  const pids = new Set(sockets.flatMap(({ inode }) => owners.get(inode) ?? []))
  const commands = await commandsOf(at, [...pids])
  return joinListeners(sockets, owners, commands)
}

async function commandsOf(at: Looking, pids: readonly number[]): Promise<Map<number, string>> {
  const texts = await Promise.all(pids.map(pid => at.read(`/proc/${pid}/cmdline`)))
  return new Map(pids.map((pid, n) => [pid, (texts[n] ?? '').replaceAll('\0', ' ').trim()]))
}

async function packages(out: Out): Promise<Pick<Facts, 'installed' | 'unattended'>> {
  const listed = (await out('dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n')) ?? ''
  const installed = new Set(
    listed.split('\n').flatMap(line => (line.endsWith(' installed') ? [line.split(' ')[0]!] : [])),
  )
  const daily = (await out('apt-config', 'dump', 'APT::Periodic::Unattended-Upgrade')) ?? ''
  return { installed, unattended: installed.has('unattended-upgrades') && /"[1-9]\d*"/.test(daily) }
}

async function sshd(out: Out, listeners: Facts['listeners']): Promise<Facts['ssh']> {
  const settings = await out('/usr/sbin/sshd', '-T')
  // "client port server port": the port that this command came in by is the last.
  const cameIn = (await out('printenv', 'SSH_CONNECTION'))?.trim().split(' ').at(-1)
  const heard = listeners.filter(({ open, command }) => open && /(^|\/)sshd\b/.test(command ?? ''))
  const keys = await out(
    'find',
    '/root',
    '/home',
    '-maxdepth',
    '3',
    '-path',
    '*/.ssh/authorized_keys',
    '-size',
    '+0',
  )
  const ports = [
    ...(settings === null ? [] : readSshd(settings, 'port').map(Number)),
    ...heard.map(({ port }) => port),
    ...(cameIn === undefined ? [] : [Number(cameIn)]),
  ]
  return {
    ports: [...new Set(ports)].sort((a, b) => a - b),
    passwords: settings === null ? null : readSshd(settings, 'passwordauthentication')[0] === 'yes',
    keys: (keys ?? '').trim() !== '',
  }
}

async function firewall(at: Looking, out: Out, places: Places): Promise<Facts['firewall']> {
  const ufw = /^Status: active/m.test((await out('ufw', 'status')) ?? '')
  const firewalld = (await out('firewall-cmd', '--state')) !== null
  const chains = await out('nft', '-j', 'list', 'chains')
  return {
    other: ufw ? 'ufw' : firewalld ? 'firewalld' : null,
    closing: chains === null || ufw || firewalld ? [] : readClosing(chains, TABLE),
    live: await out('nft', 'list', 'table', 'inet', TABLE),
    confirmed: await at.read(keptIn(places).table),
  }
}

async function written(at: Looking, places: Places): Promise<Record<string, string | null>> {
  const { updates, rules, unit, cron, ssh, fstab } = PATHS
  const paths = [updates, rules, unit, cron, ssh, fstab, keptIn(places).record]
  const texts = await Promise.all(paths.map(path => at.read(path)))
  return Object.fromEntries(paths.map((path, n) => [path, texts[n]!]))
}

async function link(out: Out): Promise<string | null> {
  const target = await out('readlink', PATHS.link)
  if (target !== null) return target.trim()
  return (await out('test', '-e', PATHS.link)) === null ? null : ''
}

/** Whether a runsvdir looks at the services of this home. */
async function runs(at: Looking, out: Out, { home }: Places): Promise<boolean> {
  const names = await out(
    'find',
    '/proc',
    '-mindepth',
    '2',
    '-maxdepth',
    '2',
    '-path',
    '/proc/[0-9]*/cmdline',
    '-exec',
    'grep',
    '-lsa',
    'runsvdir',
    '{}',
    '+',
  )
  const found = await Promise.all((names ?? '').split('\n').map(path => (path === '' ? null : at.read(path))))
  return found.some(text => {
    const [program = '', ...args] = (text ?? '').split('\0')
    return /(^|\/)runsvdir$/.test(program) && args.includes(`${home}/service`)
  })
}

/** What set-up wrote down of itself; null: it never ran to its end. */
export function keptFrom({ files }: Pick<Facts, 'files'>, places: Places): Kept | null {
  const text = files[keptIn(places).record] ?? null
  return text === null ? null : (JSON.parse(text) as Kept)
}
