import { BlockList, connect, isIP, type Socket } from 'node:net'
import { exec } from './exec.ts'

export interface Place {
  host: string
  port: number
}

/** `v4`, `v6`: networks, as ADDRESS/BITS. Of IPv4 also as IPv6 has it. */
function networks({ v4, v6 }: Record<'v4' | 'v6', readonly string[]>): BlockList {
  const list = new BlockList()
  const parts = (network: string) => network.split('/') as [string, string]
  for (const [address, bits] of v4.map(parts)) {
    list.addSubnet(address, Number(bits), 'ipv4')
    list.addSubnet(`::ffff:${address}`, 96 + Number(bits), 'ipv6')
  }
  for (const [address, bits] of v6.map(parts)) list.addSubnet(address, Number(bits), 'ipv6')
  return list
}

const LOOPBACK = networks({ v4: ['127.0.0.0/8', '0.0.0.0/8'], v6: ['::/128', '::1/128'] })

/** There a provider of machines tells whoever asks what this machine is and with which keys, and it is of no network besides. */
const LINK_LOCAL = networks({ v4: ['169.254.0.0/16'], v6: ['fe80::/10', 'fd00:ec2::254/128'] })

/** More addresses of one name are not tried. */
const MOST_ADDRESSES = 3

/**
 * Goes to a place that an app names. The keeper reaches what the app itself must not (`guarded`: ports of loopback that
 * only root may ask, and what is only of this machine's link), so these are refused. `work` gets an address and the time that is left, and is tried at the next
 * address when it throws. All of it takes `timeoutMs` at most.
 */
export async function goTo<T>(
  { host, port }: Place,
  { timeoutMs, guarded }: { timeoutMs: number; guarded: ReadonlySet<number> },
  work: (address: string, leftMs: number) => Promise<T>,
): Promise<T> {
  const until = performance.now() + timeoutMs
  const left = () => Math.max(1, Math.round(until - performance.now()))
  const addresses = await addressesOf(host, timeoutMs)
  let last = new Error(`no address of ${host} was tried`)
  for (const address of addresses) {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (guarded.has(port) && LOOPBACK.check(address, family))
      throw new Error(`port ${port} of this server is for the keeper alone`)
    if (LINK_LOCAL.check(address, family))
      throw new Error(
        `${address} is of this machine's link: who provides the machine answers there, and nobody else is asked`,
      )
    try {
      return await work(address, left())
    } catch (error) {
      last = error as Error
      if (left() <= 1) break
    }
  }
  throw last
}

/**
 * Addresses of a name, as every program of the machine finds them. By a process of its own: a DNS server that does not
 * answer would keep one of the few threads of Node.js that files are read with, too.
 */
async function addressesOf(host: string, timeoutMs: number): Promise<string[]> {
  if (isIP(host) !== 0) return [host]
  const found = await exec({ argv: ['getent', 'ahosts', '--', host], timeoutMs }).catch(() => null)
  if (found === null) throw new Error(`no answer of the DNS for ${host} within ${timeoutMs} ms`)
  const addresses = [...found.stdout.matchAll(/^(\S+)/gm)].map(([address]) => address)
  if (addresses.length === 0) throw new Error(`${host} has no address`)
  return [...new Set(addresses)].slice(0, MOST_ADDRESSES)
}

/** Opens a connection for as long as `work` takes; it ends after `timeoutMs`, whatever the other side does. */
export function connected<T>(
  { host, port, timeoutMs }: Place & { timeoutMs: number },
  work: (socket: Socket) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    const end = (settle: () => void) => {
      clearTimeout(timer)
      socket.destroy()
      settle()
    }
    const late = () => end(() => reject(new Error(`no answer within ${timeoutMs} ms`)))
    const timer = setTimeout(late, timeoutMs)
    socket.once('error', error => end(() => reject(error)))
    socket.once('connect', () => {
      work(socket).then(
        value => end(() => resolve(value)),
        (error: Error) => end(() => reject(error)),
      )
    })
  })
}
