import { readdir, readFile, readlink } from 'node:fs/promises'
import { PAGE_BYTES, statOf } from '../../kernel/stat.ts'

export interface ProcessInfo {
  pid: number
  ppid: number
  pgid: number
  rssBytes: number
  /** Start time in clock ticks after boot. With the pid, it identifies a process. */
  start: string
}

export const isRoot = (): boolean => process.getuid!() === 0

/** Start time of a process in ticks after boot, or null when there is none. */
export async function startTime(pid: number): Promise<string | null> {
  return (await processInfo(pid))?.start ?? null
}

export async function processInfo(pid: number): Promise<ProcessInfo | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  const { fields } = statOf(text)
  // A zombie has ended; its parent has just not waited for it yet.
  if (fields[0] === 'Z') return null
  return {
    pid,
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    start: fields[19]!,
    rssBytes: Number(fields[21]) * PAGE_BYTES,
  }
}

/** The process with exactly these arguments, its program by name or by path; null when there is none. */
export async function processCalled([program, ...args]: readonly string[]): Promise<number | null> {
  for (const { pid } of await allProcesses()) {
    const [first, ...rest] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    const same = first?.split('/').at(-1) === program && args.every((arg, n) => rest[n] === arg)
    if (same) return pid
  }
  return null
}

async function allProcesses(): Promise<ProcessInfo[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(pids.map(processInfo))
  return found.filter(info => info !== null)
}

/** A process with its descendants and the members of its group. */
export async function processTree(root: number): Promise<ProcessInfo[]> {
  const all = await allProcesses()
  const inside = new Set([root, ...all.filter(p => p.pgid === root).map(p => p.pid)])
  for (let size = -1; size !== inside.size; ) {
    size = inside.size
    for (const p of all) if (inside.has(p.ppid)) inside.add(p.pid)
  }
  return all.filter(p => inside.has(p.pid))
}

const LOOPBACK = new Set(['0100007F', '00000000000000000000000001000000'])

/** TCP ports that a process tree listens on. `open`: also beyond loopback. */
export async function listeningOn(root: number): Promise<Array<{ port: number; open: boolean }>> {
  const own = await listeners([root, ...(await descendants(root))])
  // A child that left its parent is found only by its group, among all processes of the machine. That is slower, and rare.
  return own.length > 0 ? own : listeners((await processTree(root)).map(p => p.pid))
}

async function listeners(pids: readonly number[]): Promise<Array<{ port: number; open: boolean }>> {
  const inodes = new Set((await Promise.all(pids.map(socketInodes))).flat())
  const rows = (await socketRows(LISTENING)).filter(fields => inodes.has(fields[9]!))
  return rows.map(fields => {
    const [address, port] = fields[1]!.split(':')
    return { port: Number.parseInt(port!, 16), open: !LOOPBACK.has(address!) }
  })
}

/** States of a TCP socket, as the kernel's tables name them. */
const LISTENING = '0A'
const ESTABLISHED = '01'

/** The fields of all TCP sockets in a state: the second is the local address and port, the tenth the inode. */
async function socketRows(state: string): Promise<string[][]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map(path => readFile(path, 'utf8').catch(() => '')),
  )
  return (
    tables
      // Cheap filter first: under load, nearly all lines are connections and not listeners.
      .flatMap(table => table.split('\n').filter(line => line.includes(` ${state} `)))
      .map(line => line.trim().split(/\s+/))
      .filter(fields => fields[3] === state)
  )
}

/** How many connections a port of this machine has, by whom ever. */
export async function connectionsTo(port: number): Promise<number> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return (await socketRows(ESTABLISHED)).filter(([, address]) => address!.endsWith(local)).length
}

async function socketInodes(pid: number): Promise<string[]> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
  const links = await Promise.all(fds.map(fd => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
  return links.flatMap(link => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

/** Resident bytes of a process and its descendants. They are found in the kernel's lists of children, which is cheap enough for every few seconds. */
export async function treeRss(pid: number): Promise<number> {
  const all = await Promise.all([pid, ...(await descendants(pid))].map(processInfo))
  return all.reduce((sum, info) => sum + (info?.rssBytes ?? 0), 0)
}

export async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  const children = text
    .split(' ')
    .map(Number)
    .filter(child => child > 1)
  return [...children, ...(await Promise.all(children.map(descendants))).flat()]
}

/** Signals a whole process group; does nothing without a pid, and never signals our own group (0) or everybody (-1). */
export function killGroup(pid: number | null | undefined, signal: NodeJS.Signals): void {
  if (pid != null && pid > 1) send(-pid, signal)
}

/** Kills one process; does nothing when it has ended. */
export function killProcess({ pid }: Pick<ProcessInfo, 'pid'>): void {
  if (pid > 1) send(pid, 'SIGKILL')
}

function send(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal)
  } catch (error) {
    // ESRCH: the process is gone already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
