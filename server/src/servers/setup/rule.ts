import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { Facts, Listener, Wishes } from './facts.ts'

const GB = 1024 ** 3
const MB = 1024 ** 2

const KNOWN: Readonly<Record<string, readonly string[]>> = { debian: ['12', '13'] }
const ARCHITECTURES = ['x86_64', 'aarch64']

/** Free space that set-up asks for: packages and their archives, or what a machine that has them needs to be changed. */
const ROOM = { packages: 2 * GB, rest: 500 * MB }

/** Throws the Failure that says why this machine is not set up. Nothing was changed by then. */
export function refuse(facts: Facts, missing: readonly string[], home: string): void {
  const { distribution: is, architecture, disk } = facts
  if (!facts.root)
    throw new Failure('setup.root', 'only root can set a server up', {
      why: 'it installs packages and writes to /etc',
      fix: '`sudo inn server setup --local`; from a laptop: `inn server setup root@server`, or let that user `sudo` without a password',
    })
  if (KNOWN[is.id]?.includes(is.version) !== true)
    throw new Failure('setup.distribution', `${is.name} is not known here`, {
      why: 'set-up was tried on Debian 12 and 13 alone, and nothing was changed',
      fix: 'take a server with Debian 13; or install what `inn up` asks for by hand, and set firewall and updates as this system wants it',
      facts: { ...is },
    })
  if (!ARCHITECTURES.includes(architecture))
    throw new Failure('setup.architecture', `there is no Node.js here for ${architecture}`, {
      why: `Innkeeper brings it for ${list(ARCHITECTURES)}`,
      fix: 'take a server with one of these processors',
    })
  const room = missing.length > 0 ? ROOM.packages : ROOM.rest
  if (disk.freeBytes < room)
    throw new Failure('setup.disk', `the disk has ${showSize(disk.freeBytes)} free`, {
      why: `set-up wants ${showSize(room)}, and the apps come on top of it`,
      fix: 'free disk space (`df -h` and `apt-get clean`), or take a larger disk',
    })
  const holder = facts.listeners.find(({ port, command }) => port === 80 && !isOurs(command, home))
  if (holder !== undefined) throw held(holder)
}

/** The edge of the home names it in its arguments. */
const isOurs = (command: string | null, home: string): boolean => command?.includes(`${home}/`) === true

/** How a listener is called in a sentence. */
export const naming = ({ command, pid }: Listener): string =>
  command === null ? 'a process that cannot be seen' : `${command.slice(0, 80)} (pid ${pid})`

const held = (holder: Listener): Failure =>
  new Failure('setup.port', `port 80 is held by ${naming(holder)}`, {
    why: 'the edge of Innkeeper listens there, for all apps',
    fix: 'stop it, and keep it from starting at boot: `systemctl disable --now NAME`, or let it listen on another port',
    facts: { port: 80, pid: holder.pid, command: holder.command },
  })

/** File systems on which a plain file can be swap. */
const SWAPPABLE = ['ext2/ext3', 'ext4', 'ext3', 'xfs']

/**
 * How much swap a machine without any gets; 0: none. As much as it has memory, 1 GB at least and 4 GB at most: it is there
 * for what was loaded once and is not used, and for the moment in which a build is stopped, and no machine should live on it.
 */
export function swapBytes({
  memoryBytes,
  swapBytes: now,
  swapTaken,
  disk,
}: Pick<Facts, 'memoryBytes' | 'swapBytes' | 'swapTaken' | 'disk'>): number {
  if (now > 0 || swapTaken || !SWAPPABLE.includes(disk.type)) return 0
  const wanted = Math.min(4, Math.max(1, Math.round(memoryBytes / GB))) * GB
  return disk.freeBytes - wanted >= ROOM.packages ? wanted : 0
}

/** The ports that stay open, in order. */
export const openPorts = ({ ssh }: Pick<Facts, 'ssh'>, { open }: Pick<Wishes, 'open'>): number[] =>
  [...new Set([...ssh.ports, 80, 443, ...open])].sort((a, b) => a - b)

/** Programs that keep the time, by the names of their packages. */
const CLOCKS = ['systemd-timesyncd', 'chrony', 'ntp', 'ntpsec', 'openntpd']

/** Packages besides those of Innkeeper itself, with what they are started by. */
export function serverPackages({ installed, init }: Pick<Facts, 'installed' | 'init'>): Array<{
  name: string
  service: string | null
}> {
  const clock = init === 'systemd' ? 'systemd-timesyncd' : 'chrony'
  return [
    ...(CLOCKS.some(name => installed.has(name)) ? [] : [{ name: clock, service: clock }]),
    { name: 'unattended-upgrades', service: null },
    // Brings the tree back at boot, and runs the daily work of apt.
    ...(init === 'systemd' ? [] : [{ name: 'cron', service: 'cron' }]),
  ].filter(({ name }) => !installed.has(name))
}
