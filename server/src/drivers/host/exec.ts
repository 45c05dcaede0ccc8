import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, Finished } from '../../apps/releases/runner.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { plain, telling } from '../../kernel/output.ts'
import { showSize } from '../../kernel/sizes.ts'
import { endCgroup } from './cgroups.ts'
import { ENVIRONMENT_FD, environmentText, launcher, launcherArguments } from './confine.ts'
import { writeDurable } from './files.ts'
import { killGroup, processTree, startTime } from './proc.ts'

const TAIL = 65_536
const STDOUT = 8 * 1024 * 1024
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Runs one program to its end, in a process group of its own, of which nothing is left behind. Failures: `exec.timeout`, `exec.memory`, `exec.missing`; any exit code is an answer. */
export const exec = async (command: Command): Promise<Finished> => (await start(command)).finished

/**
 * Gives what `from` prints to the standard input of `into`, and answers how `into` ended. It is told of the end only
 * when `from` ended well, so that it never takes a torn stream for a whole one; otherwise it is killed, and this is
 * the Failure `exec.failed` of `from`.
 */
export async function execInto(from: Command, into: Command, what: string): Promise<Finished> {
  const reader = await start(into, { stdin: 'pipe' })
  const reading = settled(reader.finished)
  // A reader that has ended breaks the pipe; its own end says why.
  const target = reader.child.stdin!.on('error', () => {})
  const writer = await start(from, { stdout: target }).catch(async error => {
    reader.stop(error)
    await reading
    throw error
  })
  const writing = settled(writer.finished)
  const early = await Promise.race([reading, writing.then(() => null)])
  if (early !== null) {
    const torn = new Error(`${into.argv[0]} did not read to the end`)
    writer.stop(torn)
    writer.child.stdout!.destroy()
    await writing
    if (early.done !== null && early.done.code !== 0) return early.done
    throw early.error ?? torn
  }
  const { done, error } = await writing
  if (done?.code === 0) target.end()
  else reader.stop(done === null ? error : failed(from, done, what))
  return reader.finished
}

const settled = <T>(work: Promise<T>) =>
  work.then(
    done => ({ done, error: null }),
    (error: Error) => ({ done: null, error }),
  )

interface Started {
  child: ChildProcess
  finished: Promise<Finished>
  /** Kills its process group; this is then what `finished` fails with. */
  stop(reason: Error): void
}

/** `stdout`: where standard output goes; without it, it is kept. */
async function start(
  command: Command,
  { stdin = 'ignore', stdout }: { stdin?: 'ignore' | 'pipe'; stdout?: Writable } = {},
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
    stdio: [command.input === undefined ? stdin : 'pipe', 'pipe', 'pipe', ...launched.extra],
    ...(command.user ? { uid: command.user.uid, gid: command.user.gid } : {}),
  })
  launched.tell(child)
  // At once: of a process that has ended, Node.js throws away what nobody reads yet.
  if (stdout !== undefined) child.stdout!.pipe(stdout, { end: false })
  const output = collect(stdout === undefined ? child.stdout! : null, child.stderr!, command.onLine)
  const ended = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.on('error', error => reject(missing(program!, error)))
    child.on('close', (code, signal) => resolve({ code, signal }))
  })
  if (child.pid !== undefined && command.pidFile !== undefined) {
    await writeDurable(command.pidFile, `${child.pid} ${await startTime(child.pid)}\n`)
  }
  if (command.input !== undefined) child.stdin!.on('error', () => {}).end(command.input)
  const guard = watch(child.pid, command)
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

interface Launched {
  argv: readonly string[]
  cwd: string | undefined
  env: Readonly<Record<string, string>> | undefined
  /** Descriptors after standard error. */
  extra: 'pipe'[]
  /** Hands over what must not stand in the list of processes. */
  tell(child: ChildProcess): void
  cgroup: string | null
}

/** The command itself, or the launcher that confines it. */
function launch({ argv, cwd, env, confinement }: Command): Launched {
  if (confinement === undefined) return { argv, cwd, env, extra: [], tell: () => {}, cgroup: null }
  // Two commands of an app may run at once, and each ends with all that it started.
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
      // A program that could not be started reads nothing; its own end says why.
      text.on('error', () => {}).end(environmentText({ PATH: SYSTEM_PATH, ...env }))
    },
    cgroup,
  }
}

/** Like exec, and any exit code but 0 is a Failure with the end of the output. */
export async function execOk(command: Command, what: string): Promise<Finished> {
  const done = await exec(command)
  if (done.code === 0) return done
  throw failed(command, done, what)
}

const failed = ({ argv }: Command, { code, signal, tail }: Finished, what: string): Failure =>
  new Failure('exec.failed', `${what} failed`, {
    why: `${argv.join(' ')} ended with ${code ?? signal}\n${telling(tail)}`,
    fix: 'the lines above are what it printed',
    facts: { code },
  })

/** Ends a process group that an earlier keeper left behind; the start time tells it from a stranger with the same pid. */
async function endLeftOver(pidFile: string): Promise<void> {
  const [pid, start] = (await readFile(pidFile, 'utf8').catch(() => '')).trim().split(' ')
  if (pid === undefined || pid === '') return
  if ((await startTime(Number(pid))) === start) {
    const group = await processTree(Number(pid))
    killGroup(Number(pid), 'SIGKILL')
    // It holds its locks until it is gone.
    for (const end = Date.now() + 5_000; Date.now() < end; await sleep(10)) {
      const starts = await Promise.all(group.map(p => startTime(p.pid)))
      if (group.every((p, n) => starts[n] !== p.start)) break
    }
  }
  await rm(pidFile, { force: true })
}

function watch(pid: number | undefined, command: Command) {
  const end = (failure: Error) => {
    guard.failure ??= failure
    killGroup(pid, 'SIGKILL')
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
              fix: 'raise buildMemory in innkeeper.yaml, or make the build smaller',
            }),
          )
        }, 250)
  guard.stop = () => {
    clearTimeout(timer)
    if (sampler !== null) clearInterval(sampler)
    command.signal?.removeEventListener('abort', onAbort)
  }
  return guard
}

function collect(
  stdout: NodeJS.ReadableStream | null,
  stderr: NodeJS.ReadableStream,
  onLine?: (line: string) => void,
) {
  let tail = ''
  let out = ''
  for (const stream of [stdout, stderr].filter(given => given !== null)) {
    const decoder = new StringDecoder('utf8')
    let rest = ''
    stream.on('data', (chunk: Buffer) => {
      const text = decoder.write(chunk)
      tail = (tail + text).slice(-TAIL)
      if (stream === stdout && out.length < STDOUT) out += text
      if (onLine === undefined) return
      const parts = (rest + text).split(/\r?\n/)
      rest = parts.pop()!
      for (const line of parts) onLine(plain(line))
    })
    stream.on('end', () => {
      if (rest !== '') onLine?.(plain(rest))
    })
  }
  return { tail: () => tail, stdout: () => out }
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
