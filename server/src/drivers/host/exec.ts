import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { hiding } from '../../kernel/hide.ts'
import { plain, telling } from '../../kernel/output.ts'
import { showSize } from '../../kernel/sizes.ts'
import { endCgroup } from './cgroups.ts'
import { ENVIRONMENT_FD, environmentText, launcher, launcherArguments } from './confine.ts'
import { writeDurable } from './files.ts'
import { killGroup, processTree, startTime } from './proc.ts'

const TAIL = 65_536
const STDOUT = 8 * 1024 * 1024
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs a program to its end, in its own process group, of which no process is left. Any exit code is an answer. Failures: `exec.timeout`, `exec.memory`, `exec.missing`. */
export const exec = async (command: Command): Promise<Finished> => (await start(command)).finished

interface Started {
  child: ChildProcess
  finished: Promise<Finished>
  /** Kills its process group; `finished` then rejects with `reason`. */
  stop(reason: Error): void
}

/** Where the ends of a program go; a number is a descriptor of this process. */
interface Ends {
  stdin?: 'ignore' | 'pipe' | number
  stdout?: Writable | number
  stderr?: Writable
}

/** Starts a program. `stdout`, `stderr`: where its outputs go; default: they are kept for `finished`. */
export async function start(
  command: Command,
  { stdin = 'ignore', stdout, stderr }: Ends = {},
): Promise<Started> {
  if (command.pidFile !== undefined) await endLeftOver(command.pidFile)
  command.signal?.throwIfAborted()
  const launched = launch(command)
  const [program, ...rest] = command.background
    ? ['nice', '-n', '10', 'ionice', '-c', '3', ...launched.argv]
    : launched.argv
  const started = performance.now()
  const child = spawn(program!, rest, {
    cwd: launched.cwd,
    env: { PATH: SYSTEM_PATH, ...launched.env },
    detached: true,
    stdio: [
      command.input === undefined ? stdin : 'pipe',
      typeof stdout === 'number' ? stdout : 'pipe',
      'pipe',
      ...launched.extra,
    ],
    ...(command.user ? { uid: command.user.uid, gid: command.user.gid } : {}),
  })
  launched.tell(child)
  // Piped at once: when a process has ended, Node.js drops output that nobody reads yet.
  if (stdout instanceof Writable) child.stdout!.pipe(stdout, { end: false })
  if (stderr !== undefined) child.stderr!.pipe(stderr, { end: false })
  const output = collect(stdout === undefined ? child.stdout! : null, stderr ? null : child.stderr!, command)
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', error => reject(missing(program!, error)))
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  if (child.pid !== undefined && command.pidFile !== undefined) {
    await writeDurable(command.pidFile, `${child.pid} ${await startTime(child.pid)}\n`)
  }
  if (command.input !== undefined) child.stdin!.on('error', () => {}).end(command.input)
  const guard = watch(child, command)
  const finish = async (): Promise<Finished> => {
    try {
      const { code, signal } = await ended
      if (guard.failure !== null) throw guard.failure
      return { code, signal, tail: output.tail(), stdout: output.stdout(), ms: performance.now() - started }
    } finally {
      guard.stop()
      killGroup(child.pid, 'SIGKILL')
      await endCgroup(launched.cgroup)
      if (command.pidFile !== undefined) await rm(command.pidFile, { force: true })
    }
  }
  return { child, finished: finish(), stop: guard.end }
}

/** Starts a program in a session of its own, and gives it this text on standard input. It goes on when this process ends. Failure `exec.missing`. */
export async function startAlone([program, ...rest]: readonly string[], input: string): Promise<void> {
  const child = spawn(program!, rest, {
    ...{ cwd: '/', env: { PATH: SYSTEM_PATH }, detached: true, stdio: ['pipe', 'ignore', 'ignore'] },
  })
  child.unref()
  await new Promise<void>((resolve, reject) => {
    child.on('error', error => reject(missing(program!, error)))
    // One that ends before it has read everything closes the pipe; what it left behind says how far it came.
    child.stdin!.on('error', () => {}).end(input, resolve)
  })
}

interface Launched {
  argv: readonly string[]
  cwd: string | undefined
  env: Readonly<Record<string, string>> | undefined
  /** More descriptors, after standard error. */
  extra: 'pipe'[]
  /** Sends what must not be in the list of processes. */
  tell(child: ChildProcess): void
  cgroup: string | null
}

/** The command itself, or the launcher that confines it. */
function launch({ argv, cwd, env, confinement }: Command): Launched {
  if (confinement === undefined) return { argv, cwd, env, extra: [], tell: () => {}, cgroup: null }
  // A control group for each command: two may run at once, and each is killed with everything that it started.
  const cgroup = confinement.cgroup === null ? null : `${confinement.cgroup}.${randomUUID().slice(0, 8)}`
  const own = launcherArguments(
    { ...confinement, cgroup, gate: null },
    { cwd: cwd ?? confinement.inside, argv },
  )
  return {
    // Without --norc, bash takes a socket on standard input for a remote login, and reads root's .bashrc.
    argv: ['/bin/bash', '--norc', '-c', launcher(), ...own],
    cwd: '/',
    env: {},
    extra: ['pipe'],
    tell: child => {
      const text = child.stdio[ENVIRONMENT_FD] as Writable
      // A program that could not be started closes the pipe. Its own result says why.
      text.on('error', () => {}).end(environmentText({ PATH: SYSTEM_PATH, ...env }))
    },
    cgroup,
  }
}

/** Like exec, but any exit code except 0 is a Failure with the end of the output. */
export async function execOk(command: Command, what: string): Promise<Finished> {
  const done = await exec(command)
  if (done.code === 0) return done
  throw failed(command, done, what)
}

/** The failure of a command that ended with another exit code than 0. */
export const failed = ({ argv }: Command, { code, signal, tail }: Finished, what: string): Failure =>
  new Failure('exec.failed', `${what} failed`, {
    why: `${argv.join(' ')} ended with ${code ?? signal}\n${telling(tail)}`,
    fix: 'the lines above are what it printed',
    facts: { code },
  })

/** Kills a process group that an earlier keeper left behind. The start time distinguishes it from another process with the same pid. */
async function endLeftOver(pidFile: string): Promise<void> {
  const [pid, start] = (await readFile(pidFile, 'utf8').catch(() => '')).trim().split(' ')
  if (pid === undefined || pid === '') return
  if ((await startTime(Number(pid))) === start) {
    const group = await processTree(Number(pid))
    killGroup(Number(pid), 'SIGKILL')
    // Waits until all are gone, because they hold locks until then.
    for (const end = Date.now() + 5_000; Date.now() < end; await sleep(10)) {
      const starts = await Promise.all(group.map(p => startTime(p.pid)))
      if (group.every((p, n) => starts[n] !== p.start)) break
    }
  }
  await rm(pidFile, { force: true })
}

/** Milliseconds after which the outputs of what was stopped are let go. */
const LET_GO_MS = 500

function watch(child: ChildProcess, command: Command) {
  const { pid } = child
  let letGo: NodeJS.Timeout | undefined
  const end = (failure: Error) => {
    guard.failure ??= failure
    killGroup(pid, 'SIGKILL')
    // A process that it started in a session of its own lives on, and would hold its outputs open for as long.
    letGo ??= setTimeout(() => {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }, LET_GO_MS)
  }
  const guard = { failure: null as Error | null, end, stop: () => {} }
  const name = command.argv.join(' ')
  const timer = setTimeout(() => {
    const why = `it did not end within ${showDuration(command.timeoutMs)}, and was killed`
    end(
      new Failure('exec.timeout', `${name} was stopped`, {
        why,
        fix: 'find out what it waits for, or raise its timeout',
        facts: { argv: command.argv },
      }),
    )
  }, command.timeoutMs)
  const onAbort = () => end(command.signal!.reason as Error)
  command.signal?.addEventListener('abort', onAbort)
  const limit = command.memoryBytes
  const sampler =
    limit === undefined || pid === undefined
      ? null
      : setInterval(async () => {
          const rss = (await processTree(pid)).reduce((sum, p) => sum + p.rssBytes, 0)
          if (rss <= limit) return
          const why = `it held ${showSize(rss)}, more than the ${showSize(limit)} it may have, and was killed before it could take memory from the services`
          end(
            new Failure('exec.memory', `${name} was stopped`, {
              why,
              fix: 'make it smaller, or give it more memory',
            }),
          )
        }, 250)
  guard.stop = () => {
    clearTimeout(timer)
    clearTimeout(letGo)
    if (sampler !== null) clearInterval(sampler)
    command.signal?.removeEventListener('abort', onAbort)
  }
  return guard
}

function collect(
  stdout: NodeJS.ReadableStream | null,
  stderr: NodeJS.ReadableStream | null,
  { onLine, hidden = {}, mostOutput = STDOUT }: Pick<Command, 'onLine' | 'hidden' | 'mostOutput'>,
) {
  const hide = hiding(hidden)
  let tail = ''
  let out = ''
  for (const stream of [stdout, stderr].filter(given => given !== null)) {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    stream.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk)
      tail = (tail + text).slice(-TAIL)
      if (stream === stdout && out.length < mostOutput) out += text
      if (onLine === undefined) return
      const parts = (rest + text).split(/\r?\n/)
      rest = parts.pop()!
      for (const line of parts) onLine(hide(plain(line)))
    })
    stream.on('end', () => {
      if (rest !== '') onLine?.(hide(plain(rest)))
    })
  }
  return { tail: () => hide(tail), stdout: () => out }
}

function missing(program: string, error: NodeJS.ErrnoException): Error {
  if (error.code !== 'ENOENT' && error.code !== 'EACCES') return error
  return new Failure('exec.missing', `${program} could not be started`, {
    why:
      error.code === 'ENOENT'
        ? 'no such program, or its working folder is missing'
        : 'it may not be executed',
    fix: `install it, or correct the command that names ${program}`,
  })
}
