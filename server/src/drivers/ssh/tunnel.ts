import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Address } from '../../cli/address.ts'
import type { Tunnel } from '../../cli/tunnel.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { freePartPort } from '../host/ports.ts'
import { probe } from '../host/probe.ts'

/** Longest time until the way is open, in milliseconds: somebody may have to type a password. */
const LONGEST_MS = 120_000
const LOOK_MS = 5
/** Longest wait for a connection on this machine. */
const LISTENS_MS = 1_000
/** Characters of what ssh says that are kept. */
const KEPT = 4_000
/** Longest wait for its reason after ssh, or what it forwards, has failed: the reason and the end come by different ways. */
const REASON_MS = 500

/**
 * The shell lets ssh ignore Ctrl-C: a command that is interrupted has something to tell the keeper yet. What runs there
 * ends with its standard input, and so with this process, however that ends.
 */
const WRAPPED = ['-c', 'trap "" INT; exec "$@"', 'sh']

/** A connection that others share would keep what is forwarded after this command. */
export const ALONE = ['-S', 'none']

const OPTIONS = [
  ...['-o', 'ExitOnForwardFailure=yes'],
  ...['-o', 'ServerAliveInterval=15', '-o', 'ServerAliveCountMax=4'],
  ...['-o', 'ConnectTimeout=20'],
]

export interface Ssh {
  child: ChildProcess
  /** What it has said, after a failure. Resolves when it says no more, or after half a second; null: nothing. */
  said(): Promise<string | null>
}

/** The system's own ssh, with its configuration, agent and known hosts. It asks on the terminal what it has to ask. */
export function ssh({ destination, port }: Address, options: readonly string[], command: string): Ssh {
  const argv = [
    ...OPTIONS,
    ...options,
    ...(port === null ? [] : ['-p', String(port)]),
    ...['-T', '--', destination, command],
  ]
  const child = spawn('sh', [...WRAPPED, 'ssh', ...argv], { stdio: ['pipe', 'ignore', 'pipe'] })
  let text = ''
  child.stderr!.setEncoding('utf8').on('data', (more: string) => (text = (text + more).slice(-KEPT)))
  child.stdin!.on('error', () => {}) // It has ended: that is told where it is waited for.
  child.on('error', error => (text = error.message))
  child.unref()
  for (const stream of [child.stdin!, child.stderr!] as unknown as Array<{ unref(): void }>) stream.unref()
  // It would go on for as long as somebody, a browser perhaps, holds a connection through it.
  atTheEnd(() => child.kill())
  const whole = new Promise<void>(resolve => child.once('close', () => resolve()))
  const said = async () => {
    await Promise.race([whole, sleep(REASON_MS)])
    return text.trim() === '' ? null : telling(text.trim())
  }
  return { child, said }
}

/** Waits until the way is open. */
export async function opened({ child, said }: Ssh, to: Address, open: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + LONGEST_MS; performance.now() < end; await sleep(LOOK_MS)) {
    if (await open()) return
    if (child.exitCode !== null || child.signalCode !== null) break
  }
  child.kill()
  throw unreached(to, (await said()) ?? `nothing came of it for ${LONGEST_MS / 1_000} s`)
}

export const unreached = ({ destination, port }: Address, why: string): Failure =>
  new Failure('host.unreachable', `${destination} is not reached by ssh`, {
    why,
    fix: `\`ssh ${port === null ? '' : `-p ${port} `}${destination} true\` must work first`,
  })

/** `cat` ends with its standard input. */
const forwarding = (to: Address, what: string): Ssh => ssh(to, [...ALONE, '-L', what], 'cat')

export async function openTunnel(to: Address): Promise<Tunnel> {
  const folder = mkdtempSync(join(tmpdir(), 'inn-ssh-'))
  atTheEnd(() => rmSync(folder, { recursive: true, force: true }))
  const socketPath = join(folder, 'keeper.sock')
  const first = forwarding(to, `${socketPath}:${to.home}/run/keeper.sock`)
  await opened(first, to, async () => existsSync(socketPath))
  let last = first
  return {
    destination: to.destination,
    port: to.port,
    socketPath,
    said: first.said,
    async forward(port) {
      // Between this and its use somebody may take it: then ssh says so.
      const here = await freePartPort()
      const second = forwarding(to, `127.0.0.1:${here}:127.0.0.1:${port}`)
      await opened(second, to, () => listens(here))
      last = second
      return here
    },
    async ended() {
      last.child.ref()
      const over = () => last.child.exitCode !== null || last.child.signalCode !== null
      await new Promise<void>(resolve => (over() ? resolve() : last.child.once('exit', () => resolve())))
      throw unreached(to, (await last.said()) ?? 'the connection ended')
    },
  }
}

const works: Array<() => unknown> = []

function finish(): void {
  for (const work of works.splice(0)) work()
}

/** Does this when the process ends, also by a signal: then there is no event of its exit. A command that handles the signal exits by itself. */
export function atTheEnd(work: () => unknown): void {
  works.push(work)
  if (works.length > 1) return
  process.once('exit', finish)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return
      finish()
      process.removeAllListeners(signal)
      process.kill(process.pid, signal)
    })
}

const listens = (port: number): Promise<boolean> =>
  probe.tcp(port, LISTENS_MS).then(
    () => true,
    () => false,
  )
