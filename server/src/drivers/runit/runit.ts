import { existsSync } from 'node:fs'
import { appendFile, chmod, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileCipher } from '../../kernel/cipher.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import { endCgroup } from '../host/cgroups.ts'
import { exists, makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { killGroup } from '../host/proc.ts'
import { control } from './control.ts'
import { endIdleSvlogd } from './end-svlogd.ts'
import { writeScripts } from './scripts.ts'
import { isFinishing, stateOf } from './state.ts'

/** A tree that is not woken looks at its folder every five seconds. */
const PICKED_UP_WITHIN_MS = 12_000
/** Longest wait for a stop: longer than PostgreSQL's grace time, which is the longest of all services. */
const LONGEST_STOP_MS = 70_000
/** Longest wait for what was killed, and for its finish script: a busy machine takes seconds to run one. */
const KILLED_WITHIN_MS = 20_000
/** Longest wait for svlogd to read its configuration again: it syncs its file first, which takes seconds on a busy disk. */
const REREAD_WITHIN_MS = 10_000

const WAKE_EVERY_MS = 500

interface Options {
  services: string
  /** The folder with links to them, which runsvdir watches. */
  watched: string
  /** Makes runsvdir look at its folder. */
  wake(): Promise<void>
  /** Encrypts what programs of apps are given, for as long as it lies on the disk. */
  cipher: FileCipher
}

/** The supervisor over runit's service folders. Services run on when the keeper does not run. */
export function runit({ services, watched, wake, cipher }: Options): Supervisor {
  const folder = (name: string) => join(services, name)
  return {
    state: name => stateOf(folder(name), name),
    async stop(name, how) {
      const at = folder(name)
      if (how?.counted && existsSync(at)) await appendFile(join(at, 'crashes'), 'replaced\n')
      await stop(at, name)
    },
    rest: name => rest(folder(name)),
    end: name => end(folder(name)),

    async remove(name) {
      const at = folder(name)
      await stop(at, name)
      await rm(join(watched, name), { force: true })
      // runsv must have ended first, so that nothing writes into the folder afterwards.
      await end(at)
      await removeTree(at)
    },

    async define(spec) {
      const at = folder(spec.name)
      for (const part of ['', 'log', 'control']) await makeFolder(join(at, part), 0o700)
      await makeFolder(spec.log, 0o700)
      const changed = await writeScripts(at, spec, cipher)
      await rm(join(at, 'crashes'), { force: true })
      if (await link(watched, spec.name, at)) await wake()
      if (changed === 'restart') await restartLog(at, spec.log)
      if (changed === 'reread') await reread(at, spec.log)
    },

    async start(name) {
      const at = folder(name)
      await rm(join(at, 'down'), { force: true })
      if (existsSync(logDown(at))) {
        await rm(logDown(at))
        await control(join(at, 'log'), 'u')
      }
      const begun = Date.now()
      for (let woken = 0; !(await control(at, 'u')); await sleep(50)) {
        const now = Date.now()
        if (now - begun > PICKED_UP_WITHIN_MS) throw notSupervised(name)
        if (now - woken < WAKE_EVERY_MS) continue
        await wake()
        woken = now
      }
    },

    list: () => readdir(services).catch(() => []),
  }
}

async function stop(at: string, name: string): Promise<void> {
  const now = await stateOf(at, name)
  if (now === null) return
  await writeDurable(join(at, 'down'), '')
  // The gate is closed first, because an app that is told to end frees its port before it has ended.
  const gate = await readFile(join(at, 'gate'), 'utf8').catch(() => '')
  if (gate !== '') await rm(gate, { force: true })
  await control(at, 'd')
  const grace = Number(await readFile(join(at, 'grace'), 'utf8').catch(() => '10')) * 1000
  if (!(await isDown(at, name, grace))) {
    killGroup((await stateOf(at, name))!.pid, 'SIGKILL')
    await isDown(at, name, KILLED_WITHIN_MS)
  }
  // Children that outlived the process still hold its port.
  killGroup(now.pid, 'SIGKILL')
  await endCgroup((await readFile(join(at, 'cgroup'), 'utf8').catch(() => '')).trim() || null)
}

const logDown = (at: string): string => join(at, 'log', 'down')

/** How long the last lines of a service may take to its log. */
const LAST_LINES_MS = 500

/** A filter takes twenty times the memory of svlogd, and ends after a whole line. What may still come waits in the pipe that runsv holds. */
async function rest(at: string): Promise<void> {
  if (!existsSync(join(at, 'log', 'rules.age'))) return
  await sleep(LAST_LINES_MS)
  await writeDurable(logDown(at), '')
  await control(join(at, 'log'), 'd')
}

/** Whether the process ends within `ms`. */
async function isDown(at: string, name: string, ms: number): Promise<boolean> {
  for (const last = Date.now() + ms; Date.now() < last; await sleep(20)) {
    if ((await stateOf(at, name))!.pid === null && !isFinishing(at)) return true
  }
  return false
}

/** Ends a service's runsv and that of its log. They end when they were told to and their processes have ended. */
async function end(at: string): Promise<void> {
  const supervisors = [at, join(at, 'log')]
  for (const last = Date.now() + LONGEST_STOP_MS; Date.now() < last; await sleep(50)) {
    const told = await Promise.all(supervisors.map(where => control(where, 'x')))
    if (!told.includes(true)) return
  }
}

/**
 * Makes svlogd read its configuration again, and waits for it: otherwise the first lines of a release would carry the
 * tag of the release before. svlogd then opens its file again with mode 644, which is the only sign that it is done.
 */
async function reread(at: string, log: string): Promise<void> {
  const current = join(log, 'current')
  if (!(await exists(current))) return
  await chmod(current, 0o600)
  if (!(await control(join(at, 'log'), 'h'))) return
  for (const end = Date.now() + REREAD_WITHIN_MS; Date.now() < end; await sleep(5)) {
    if (((await stat(current)).mode & 0o777) === 0o644) return
  }
}

/**
 * Starts the log of a service afresh; what comes meanwhile waits in the pipe that runsv holds. The filter ends after a whole
 * line, and goes on as it was until then.
 */
async function restartLog(at: string, log: string): Promise<void> {
  const pid = async () => (await stateOf(join(at, 'log'), 'log'))?.pid ?? null
  const before = await pid()
  if (before === null) return
  if (!(await endIdleSvlogd(before, log)) && !(await control(join(at, 'log'), 't'))) return
  for (const end = Date.now() + REREAD_WITHIN_MS; Date.now() < end; await sleep(20)) {
    if (![null, before].includes(await pid())) return
  }
}

/** false: the link was there. */
async function link(watched: string, name: string, target: string): Promise<boolean> {
  try {
    await symlink(target, join(watched, name))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function notSupervised(name: string): Failure {
  return new Failure('supervisor.absent', `${name} could not be started`, {
    why: 'runsvdir did not pick it up: the supervision tree is not running, or its folder is not the one of this home',
    fix: '`inn up`',
  })
}
