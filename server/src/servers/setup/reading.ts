import type { Listener } from './facts.ts'

/** The values of NAME=value lines, without quotes. */
export function readOsRelease(text: string): { id: string; version: string; name: string } {
  const value = (name: string) => new RegExp(`^${name}=["']?(.*?)["']?$`, 'm').exec(text)?.[1]
  const id = value('ID') ?? 'unknown'
  return { id, version: value('VERSION_ID') ?? '', name: value('PRETTY_NAME') ?? id }
}

/** Bytes of a line of /proc/meminfo; 0: there is no such line. */
export const readMemory = (text: string, name: 'MemTotal' | 'SwapTotal'): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024

/** What `df -B1 --output=avail,fstype` says. */
export function readDisk(text: string): { freeBytes: number; type: string } {
  const [free = '0', type = 'unknown'] = (text.trim().split('\n').at(-1) ?? '').trim().split(/\s+/)
  return { freeBytes: Number(free), type }
}

const LISTENING = '0A'
const LOOPBACK = /^(0100007F|00000000000000000000000001000000)$|^......7F$|^0000000000000000FFFF0000......7F$/

/** The sockets of /proc/net/tcp and tcp6 that wait for connections. */
export const readSockets = (text: string): Array<{ port: number; open: boolean; inode: string }> =>
  text
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(fields => fields[3] === LISTENING)
    .map(fields => {
      const [address = '', port = '0'] = fields[1]!.split(':')
      return { port: Number.parseInt(port, 16), open: !LOOPBACK.test(address), inode: fields[9]! }
    })

/** Inode of a socket → pid, from lines of `/proc/PID/fd/N socket:[INODE]`. */
export const readOwners = (text: string): Map<string, number> =>
  new Map(
    [...text.matchAll(/^\/proc\/(\d+)\/fd\/\d+ socket:\[(\d+)\]$/gm)].map(
      ([, pid, inode]) => [inode!, Number(pid)] as const,
    ),
  )

/** One listener for each port and program. */
export function joinListeners(
  sockets: ReadonlyArray<{ port: number; open: boolean; inode: string }>,
  owners: ReadonlyMap<string, number>,
  commands: ReadonlyMap<number, string>,
): Listener[] {
  const all = new Map<string, Listener>()
  for (const { port, open, inode } of sockets) {
    const pid = owners.get(inode) ?? null
    const before = all.get(`${port} ${pid}`)
    const command = pid === null ? null : (commands.get(pid) ?? null)
    all.set(`${port} ${pid}`, { port, open: open || before?.open === true, pid, command })
  }
  return [...all.values()].sort((a, b) => a.port - b.port)
}

/** The values of a key in what `sshd -T` prints. */
export const readSshd = (text: string, key: string): string[] =>
  [...text.matchAll(new RegExp(`^${key} (.+)$`, 'gim'))].map(found => found[1]!)

/** What `docker ps --format '{{.Names}}\t{{.Ports}}'` says of ports beyond loopback. */
export const readDocker = (text: string): Array<{ container: string; port: number }> =>
  text.split('\n').flatMap(line => {
    const [container = '', ports = ''] = line.split('\t')
    const found = [...ports.matchAll(/(?:^|[\s,])(\[?[\d.:a-f]*\]?):(\d+)->/g)]
    const outside = found.filter(([, address]) => !/^127\.|^\[?::1\]?$/.test(address!))
    return [...new Set(outside.map(([, , port]) => Number(port)))].map(port => ({ container, port }))
  })

interface Chains {
  nftables: ReadonlyArray<{ chain?: { family: string; table: string; hook?: string; policy?: string } }>
}

/** Tables other than ours that refuse what comes in unless it is named, from `nft -j list chains`. */
export function readClosing(json: string, own: string): string[] {
  const { nftables } = JSON.parse(json) as Chains
  const names = nftables.flatMap(({ chain }) =>
    chain?.hook === 'input' && chain.policy === 'drop' && chain.table !== own
      ? [`the table ${chain.family} ${chain.table}`]
      : [],
  )
  return [...new Set(names)]
}

export interface Update {
  package: string
  from: string | null
  to: string
  security: boolean
}

/** What `apt-get -s dist-upgrade` would bring, security first. */
export const readUpdates = (text: string): Update[] =>
  [...text.matchAll(/^Inst (\S+) (?:\[([^\]]+)\] )?\((\S+) ([^)]*)\)/gm)]
    .map(([, name, from, to, origin]) => ({
      package: name!,
      from: from ?? null,
      to: to!,
      security: /security/i.test(origin!),
    }))
    .sort((a, b) => Number(b.security) - Number(a.security) || a.package.localeCompare(b.package))

/** The names of Debian's packages in the list of the launcher `inn`, which has the file of each beside it. */
export function readWanted(launcher: string): string[] {
  const [, list = ''] = /<<LIST\n([\s\S]*?)\nLIST/.exec(launcher) ?? []
  // Of root, as which a server is set up.
  return [...list.split('\n').map(line => line.split(' ')[0]!), 'nftables'].filter(name => name !== '')
}
