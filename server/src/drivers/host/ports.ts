import { createHash } from 'node:crypto'
import { createServer } from 'node:net'
import { guardedPorts } from './nft.ts'

/** Whether nobody listens on a port. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Ports below the range that the kernel gives to clients, so that no outgoing connection takes one. */
interface Range {
  first: number
  last: number
}
/**
 * A deploy plans the ports of an app before it starts anything. The parts of Innkeeper (API, PostgreSQL, copies) take
 * theirs while a run goes on. Two ranges keep a part from taking a port that a plan has given to an app.
 */
const APPS: Range = { first: 20_000, last: 28_999 }
const PARTS: Range = { first: 29_000, last: 31_999 }

/**
 * `n` free ports for an app that are not among `taken`. Where the search begins follows from `seed`, so that a plan
 * that is made again names the same ports and two homes on one machine rarely meet.
 */
export function freeAppPorts(taken: ReadonlySet<number>, seed: string, n: number): Promise<number[]> {
  const drawn = createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32
  return search(APPS, { taken, drawn, n })
}

/**
 * A free port for a part of Innkeeper that is not among `taken`; where the search begins is random. It is claimed for a
 * minute: nobody else who asks here gets it, in this home or in another one of the machine, until the part listens.
 */
export async function freePartPort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  const [port] = await search(PARTS, { taken, drawn: Math.random(), n: 1, claim })
  return port!
}

/** A cluster takes seconds between its port and its first listening: its files are made in between. */
const CLAIMED_MS = 60_000

/** Holds the name of a port in the kernel (an abstract unix socket); false: somebody holds it. It ends with the process, too. */
function claim(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const held = createServer(connection => connection.destroy()).unref()
    held.once('error', () => resolve(false))
    held.listen({ path: `\0innkeeper.port.${port}`, exclusive: true }, () => {
      setTimeout(() => held.close(), CLAIMED_MS).unref()
      resolve(true)
    })
  })
}

interface Search {
  taken: ReadonlySet<number>
  /** Where in the range the search begins, from 0 up to 1. */
  drawn: number
  /** How many ports are looked for. */
  n: number
  claim?: (port: number) => Promise<boolean>
}

/**
 * A port that some wall guards is not free, although nobody listens: the wall of another home, or one that is left of a
 * home that is gone, would drop each answer of a listener there.
 */
async function search(
  { first, last }: Range,
  { taken, drawn, n, claim = async () => true }: Search,
): Promise<number[]> {
  const size = last - first + 1
  const start = Math.floor(drawn * size)
  const guarded = await guardedPorts()
  const found: number[] = []
  for (let i = 0; i < size && found.length < n; i++) {
    const port = first + ((start + i) % size)
    if (taken.has(port) || guarded.has(port)) continue
    if ((await isFree(port)) && (await isFree(port, '0.0.0.0')) && (await claim(port))) found.push(port)
  }
  if (found.length === n) return found
  throw new Error(`no free port between ${first} and ${last}`)
}
