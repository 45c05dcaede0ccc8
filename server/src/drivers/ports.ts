import { createHash } from 'node:crypto'
import { createServer } from 'node:net'

/** Whether nobody listens there. */
export function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

/** Below the range that the kernel hands out to clients, so that no outgoing connection takes one meanwhile. */
const FIRST = 20_000
const LAST = 31_999

/**
 * A free port that is not among `taken`. Where the search begins follows from `seed`, so that a plan that is made
 * again names the same port and two homes on one machine rarely meet; without a seed it is drawn.
 */
export async function freePort(taken: ReadonlySet<number> = new Set(), seed?: string): Promise<number> {
  const chance =
    seed === undefined ? Math.random() : createHash('sha256').update(seed).digest().readUInt32BE(0) / 2 ** 32
  const start = FIRST + Math.floor(chance * (LAST - FIRST))
  for (let i = 0; i <= LAST - FIRST; i++) {
    const port = FIRST + ((start - FIRST + i) % (LAST - FIRST + 1))
    if (!taken.has(port) && (await isFree(port)) && (await isFree(port, '0.0.0.0'))) return port
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`)
}
