import { BlockList, connect, isIP, type Socket } from 'node:net'
import { exec } from './exec.ts'

export interface Place {
  host: string
  port: number
}

const LOOPBACK = new BlockList()
for (const range of ['127.0.0.0/8', '0.0.0.0/8']) {
  const [address, bits] = range.split('/') as [string, string]
  LOOPBACK.addSubnet(address, Number(bits), 'ipv4')
  LOOPBACK.addSubnet(`::ffff:${address}`, 96 + Number(bits), 'ipv6')
}
for (const address of ['::', '::1']) LOOPBACK.addAddress(address, 'ipv6')

/** More addresses of one name are not tried. */
const MOST_ADDRESSES = 3

/**
 * Goes to a place that an app names. The keeper reaches what the app itself must not (`guarded`: ports of loopback that
 * only root may ask), so these are refused. `work` gets an address and the time that is left, and is tried at the next
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
    if (guarded.has(port) && LOOPBACK.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'))
      throw new Error(`port ${port} of this server is for the keeper alone`)
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
