import { readdir, readFile, rmdir, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Ended } from '../../apps/jobs/rule.ts'
import type { JobProgram, JobRunner, Piece, Try, TryState } from '../../apps/jobs/runner.ts'
import { formsOf } from '../../kernel/hide.ts'
import { endCgroup } from './cgroups.ts'
import { environmentText, launcher, launcherArguments } from './confine.ts'
import { SYSTEM_PATH, startAlone } from './exec.ts'
import { makeFolder, removeTree, writeDurable } from './files.ts'
import { killGroup, startTime } from './proc.ts'

const PROGRAM = join(import.meta.dirname, 'job.pl')
/** As in job.pl. */
const PIECE_BYTES = 65_536

/**
 * Programs of jobs, each below a process of its own (job.pl) that is nobody's child: neither the keeper's end nor its
 * start changes anything for them. `folder`: a folder for each run is made in it, which only the keeper's user enters.
 */
export function jobRunner(folder: string): JobRunner {
  const at = ({ app, run }: Omit<Try, 'attempt'>) => join(folder, app, run)
  return {
    async start(one, program) {
      await makeFolder(folder, 0o700)
      await makeFolder(at(one), 0o700)
      await startAlone(['perl', PROGRAM, at(one), String(one.attempt)], orderOf(one, program))
    },
    state: one => stateOf(at(one), one.attempt),
    async stop(run) {
      // A run that did not begin yet finds it there.
      await makeFolder(at(run), 0o700)
      await writeDurable(join(at(run), 'stop'), '')
    },
    output: (run, from) => outputOf(at(run), from),
    async forget(run) {
      await removeTree(at(run))
      // The folder of the app goes with its last run.
      await rmdir(join(folder, run.app)).catch(() => {})
    },
    async kept() {
      const apps = await readdir(folder).catch(() => [])
      const runs = apps.map(async app =>
        (await readdir(join(folder, app)).catch(() => [])).map(run => ({ app, run })),
      )
      return (await Promise.all(runs)).flat()
    },
  }
}

/** The control group of a run: each has its own, so that it is ended with everything that it started. */
export const groupOf = (group: string, run: string): string => `${group}.${run}`

const hex = (text: string): string => Buffer.from(text).toString('hex')

/** What job.pl reads. */
function orderOf({ run }: Try, program: JobProgram): string {
  const { argv, cwd, env, memoryBytes, timeoutMs, graceMs, hidden } = program
  const limits = { ...program.confinement.limits, ...(memoryBytes === null ? {} : { memory: memoryBytes }) }
  const group = program.confinement.cgroup
  const cgroup = group === null ? null : groupOf(group, run)
  const confinement = { ...program.confinement, limits, cgroup, gate: null }
  const own = ['/bin/bash', '--norc', '-c', launcher(), ...launcherArguments(confinement, { cwd, argv })]
  const secrets = Object.entries(hidden).flatMap(([name, values]) =>
    values.flatMap(formsOf).map(form => `secret ${name} ${hex(form)}`),
  )
  return [
    ...own.map(arg => `arg ${hex(arg)}`),
    `env ${hex(environmentText({ PATH: SYSTEM_PATH, ...env }))}`,
    ...secrets,
    ...(cgroup === null ? [] : [`cgroup ${hex(cgroup)}`]),
    `timeout ${timeoutMs / 1000}`,
    `grace ${graceMs / 1000}`,
    ...(memoryBytes === null ? [] : [`memory ${memoryBytes}`]),
    'end\n',
  ].join('\n')
}

async function stateOf(at: string, attempt: number): Promise<TryState> {
  const begun = join(at, `${attempt}.begun`)
  const startedAt = await writtenAt(begun)
  if (startedAt === null) return { state: 'none' }
  const over = await endedOf(at, attempt)
  if (over !== null) return { state: 'ended', startedAt, ...over }
  if (await lives(await readFile(begun, 'utf8'))) return { state: 'running', startedAt }
  // It may have ended between the two looks.
  const last = await endedOf(at, attempt)
  if (last !== null) return { state: 'ended', startedAt, ...last }
  await endLeft(at, attempt)
  const lost: Ended = { how: 'lost', code: null, signal: null }
  return { state: 'ended', startedAt, endedAt: await lastSign(at, startedAt), ended: lost }
}

async function endedOf(at: string, attempt: number): Promise<{ endedAt: number; ended: Ended } | null> {
  const path = join(at, `${attempt}.ended`)
  const endedAt = await writtenAt(path)
  if (endedAt === null) return null
  const [how, code, signal] = (await readFile(path, 'utf8')).trim().split(' ')
  return {
    endedAt,
    ended: {
      how: how as Ended['how'],
      code: code === '-' ? null : Number(code),
      signal: signal === '-' ? null : nameOf(Number(signal)),
    },
  }
}

const nameOf = (signal: number): string =>
  Object.entries(constants.signals).find(([, number]) => number === signal)?.[0] ?? `signal ${signal}`

const writtenAt = async (path: string): Promise<number | null> => {
  const found = await stat(path).catch(() => null)
  return found === null ? null : Math.round(found.mtimeMs)
}

/** Of a try that went away without a word, when it printed last: nobody knows when it ended. */
async function lastSign(at: string, startedAt: number): Promise<number> {
  const names = (await readdir(at)).filter(name => name.startsWith('output.'))
  const times = await Promise.all(names.map(name => writtenAt(join(at, name))))
  return Math.max(startedAt, ...times.map(time => time ?? 0))
}

/** Whether the process that a file names still runs: by its pid, when it started, and since which start of the machine. */
async function lives(text: string): Promise<boolean> {
  const [pid, start, boot] = text.trim().split(' ')
  const now = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  return boot === now && (await startTime(Number(pid))) === start
}

/** Ends the program of a try whose own process was killed. */
async function endLeft(at: string, attempt: number): Promise<void> {
  const text = await readFile(join(at, `${attempt}.child`), 'utf8').catch(() => '')
  if (text === '') return
  const [pid, , , cgroup] = text.trim().split(' ')
  if (await lives(text)) killGroup(Number(pid), 'SIGKILL')
  await endCgroup(cgroup ?? null)
}

async function outputOf(at: string, from: number): Promise<Piece> {
  const names = await readdir(at).catch(() => [])
  const pieces = names.flatMap(name => /^output\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
  for (const n of pieces.sort((a, b) => a - b)) {
    const begins = n * PIECE_BYTES
    if (begins + PIECE_BYTES <= from) continue
    // It may have been removed since: then the next one is the first.
    const bytes = await readFile(join(at, `output.${n}`)).catch(() => null)
    if (bytes === null) continue
    const start = Math.max(from, begins)
    const some = bytes.subarray(start - begins)
    if (some.length > 0 || bytes.length < PIECE_BYTES)
      return { bytes: some, from: start, next: start + some.length }
  }
  return { bytes: Buffer.alloc(0), from, next: from }
}

const ENDED_WITHIN_MS = 15_000

/** Ends all runs of an app, or of all apps, as when a server is switched off; resolves when they have ended. */
export async function endJobs(folder: string, app: string | null): Promise<void> {
  const runner = jobRunner(folder)
  const runs = (await runner.kept()).filter(one => app === null || one.app === app)
  await Promise.all(
    runs.map(async run => {
      const at = join(folder, run.app, run.run)
      if (!(await goesOn(at))) return
      await runner.stop(run)
      for (const end = Date.now() + ENDED_WITHIN_MS; Date.now() < end; await sleep(50))
        if (!(await goesOn(at))) return
    }),
  )
}

/** Whether a try of a run goes on. */
async function goesOn(at: string): Promise<boolean> {
  const tries = (await readdir(at).catch(() => [])).flatMap(name => /^(\d+)\.begun$/.exec(name)?.[1] ?? [])
  const states = await Promise.all(tries.map(n => stateOf(at, Number(n))))
  return states.some(({ state }) => state === 'running')
}
