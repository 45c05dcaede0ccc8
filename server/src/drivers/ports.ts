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

/** A free port that is not among `taken`. The start is drawn, so that two homes on one machine rarely meet. */
export async function freePort(taken: ReadonlySet<number> = new Set()): Promise<number> {
  const start = FIRST + Math.floor(Math.random() * (LAST - FIRST))
  for (let i = 0; i <= LAST - FIRST; i++) {
    const port = FIRST + ((start - FIRST + i) % (LAST - FIRST + 1))
    if (!taken.has(port) && (await isFree(port)) && (await isFree(port, '0.0.0.0'))) return port
  }
  throw new Error(`no free port between ${FIRST} and ${LAST}`)
}
