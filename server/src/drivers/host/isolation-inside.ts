import { openSync } from 'node:fs'
import { connect, createServer, type NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { IsolatedProcess, IsolationOrder } from '../../data/drills/isolation.ts'
import { exec, execOk } from './exec.ts'
import { exists, makeFolder } from './files.ts'

/** The line that is printed when the namespaces are set up, before anything else runs. */
export const READY = 'innkeeper: isolated'

export const doorOf = (at: string, port: number): string => join(at, `${port}.sock`)

const WRITES_MB = 512
const LONGEST_MS = 24 * 3_600_000

/** Runs as the first process of the namespaces: sets them up, starts the ordered processes, and ends when one of them ends. */
export async function inside(order: Omit<IsolationOrder, 'signal' | 'say'>): Promise<string> {
  await system('ip', 'link', 'set', 'lo', 'up')
  for (const { port, socket } of order.brought) bring(port, socket)
  await cover(order)
  console.log(READY)
  for (const port of order.asked) void openDoor(order.at, port)
  return Promise.race([...order.processes.map(run), abandoned(order.at)])
}

/** Resolves when the folder is gone: the keeper that asked was killed, and its folder was removed since. */
async function abandoned(at: string): Promise<string> {
  while (await exists(at)) await sleep(2_000)
  return 'nobody asks any more'
}

const system = (...argv: string[]) => execOk({ argv, timeoutMs: 20_000 }, argv.join(' '))

/** Relays a port inside to a socket outside. The socket's folder is opened now, because it may be hidden later. */
function bring(port: number, socket: string): void {
  const folder = openSync(join(socket, '..'), 'r')
  relay({ host: '127.0.0.1', port }, { path: `/proc/self/fd/${folder}/${socket.split('/').at(-1)}` })
}

async function cover({ at, scratch, hidden }: Pick<IsolationOrder, 'at' | 'scratch' | 'hidden'>) {
  const writes = join(at, 'writes')
  await makeFolder(writes)
  await system('mount', '-t', 'tmpfs', '-o', `size=${WRITES_MB}m,mode=700`, 'tmpfs', writes)
  for (const [n, folder] of scratch.entries()) {
    const [upper, work] = [join(writes, `${n}`), join(writes, `${n}.work`)]
    for (const made of [upper, work]) await makeFolder(made)
    const layers = `lowerdir=${folder},upperdir=${upper},workdir=${work}`
    await system('mount', '-t', 'overlay', '-o', layers, 'overlay', folder)
  }
  for (const folder of hidden)
    if (await exists(folder)) await system('mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder)
}

/** Opens the socket for a port inside, once somebody listens there: a TCP check takes an open socket as its answer. */
async function openDoor(at: string, port: number): Promise<void> {
  for (; ; await sleep(50)) {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.once('connect', () => resolve(Boolean(socket.destroy())))
      socket.once('error', () => resolve(false))
    })
    if (answers) return relay({ path: doorOf(at, port) }, { host: '127.0.0.1', port })
  }
}

function relay(from: { path: string } | { host: string; port: number }, to: NetConnectOpts): void {
  createServer(near => {
    const far = connect(to)
    near.pipe(far).pipe(near)
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
  }).listen(from)
}

async function run({ name, argv, cwd, env, confinement, input }: IsolatedProcess): Promise<string> {
  const { code, signal } = await exec({
    ...{ argv, cwd, env, timeoutMs: LONGEST_MS },
    ...(confinement === undefined ? {} : { confinement }),
    ...(input === undefined ? {} : { input }),
    onLine: line => console.log(`${name}: ${line}`),
  })
  return `${name} ended with ${code === null ? `signal ${signal}` : `exit code ${code}`}`
}
