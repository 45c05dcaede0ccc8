import { constants, existsSync, readFileSync } from 'node:fs'
import { chmod, open, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../kernel/failure.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { ServiceSpec, ServiceState, Supervisor } from '../../servers/supervisor/supervisor.ts'
import { endCgroup } from '../host/cgroups.ts'
import { ENVIRONMENT_FD, environmentText, launcher, launcherArguments } from '../host/confine.ts'
import { SYSTEM_PATH } from '../host/exec.ts'
import { exists, makeFolder, removeTree, writeDurable } from '../host/files.ts'
import { killGroup } from '../host/proc.ts'

/** runsvdir looks at its folder every five seconds. */
const PICKED_UP_WITHIN_MS = 12_000
/** PostgreSQL's grace, and some more. */
const LONGEST_STOP_MS = 70_000
const TAI_EPOCH = 4611686018427387914n

/** runit's service folders: what is written there runs on whether the keeper lives or not. */
export function runit({ services, watched }: { services: string; watched: string }): Supervisor {
  const folder = (name: string) => join(services, name)

  async function state(name: string): Promise<ServiceState | null> {
    const at = folder(name)
    if (!existsSync(at)) return null
    const status = small(join(at, 'supervise', 'status'))
    const [tag, crashes] = ['tag', 'crashes'].map(file => small(join(at, file))?.toString() ?? '')
    const told = { name, tag: tag!, crashes: crashes!.split('\n').length - 1 }
    if (status === null || status.length < 20) return { ...told, pid: null, wanted: false, seconds: 0 }
    const started = Number(status.readBigUInt64BE(0) - TAI_EPOCH)
    return {
      ...told,
      // The state byte tells a finish script (2) from the service itself (1).
      pid: status[19] === 1 ? status.readUInt32LE(12) || null : null,
      wanted: String.fromCharCode(status[17]!) === 'u',
      seconds: Math.max(0, Math.floor(Date.now() / 1000) - started),
    }
  }

  async function until(name: string, good: (state: ServiceState) => boolean, ms: number): Promise<boolean> {
    for (const end = Date.now() + ms; Date.now() < end; await sleep(20)) {
      if (good((await state(name))!)) return true
    }
    return false
  }

  async function stop(name: string): Promise<void> {
    const at = folder(name)
    const now = await state(name)
    if (now === null) return
    await writeDurable(join(at, 'down'), '')
    // First: an app that is told to end gives its port back before it has ended.
    const gate = await readFile(join(at, 'gate'), 'utf8').catch(() => '')
    if (gate !== '') await rm(gate, { force: true })
    await control(at, 'd')
    const grace = Number(await readFile(join(at, 'grace'), 'utf8').catch(() => '10')) * 1000
    if (!(await until(name, s => s.pid === null, grace))) {
      killGroup((await state(name))!.pid, 'SIGKILL')
      await until(name, s => s.pid === null, 5_000)
    }
    // Children that outlived the process still hold its port.
    killGroup(now.pid, 'SIGKILL')
    await endCgroup((await readFile(join(at, 'cgroup'), 'utf8').catch(() => '')).trim() || null)
  }

  /** runsv and its log's end when they are told to and their processes have ended. */
  async function end(name: string): Promise<void> {
    const supervisors = [folder(name), join(folder(name), 'log')]
    for (const last = Date.now() + LONGEST_STOP_MS; Date.now() < last; await sleep(50)) {
      const told = await Promise.all(supervisors.map(where => control(where, 'x')))
      if (!told.includes(true)) return
    }
  }

  return {
    state,
    stop,
    end,

    async remove(name) {
      const at = folder(name)
      await stop(name)
      await rm(join(watched, name), { force: true })
      // Nobody may write here afterwards.
      await end(name)
      await removeTree(at)
    },

    async define(spec) {
      const at = folder(spec.name)
      for (const part of ['', 'log', 'control']) await makeFolder(join(at, part), 0o700)
      await makeFolder(spec.log, 0o700)
      const changed = await writeScripts(at, spec)
      await rm(join(at, 'crashes'), { force: true })
      await link(watched, spec.name, at)
      if (changed) await reread(at, spec.log)
    },

    async start(name) {
      const at = folder(name)
      await rm(join(at, 'down'), { force: true })
      for (const end = Date.now() + PICKED_UP_WITHIN_MS; !(await control(at, 'u')); await sleep(50)) {
        if (Date.now() > end) throw notSupervised(name)
      }
    },

    list: () => readdir(services).catch(() => []),
  }
}

/** Read at once: every service is looked at each second, and a file of a few bytes costs less than handing it to a thread. */
function small(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/**
 * Lets svlogd read its configuration again, and waits until it did: else the first lines of a release would carry the
 * tag of the one before. It opens its file anew then, which gives the file mode 644: svlogd has no other sign.
 */
async function reread(at: string, log: string): Promise<void> {
  const current = join(log, 'current')
  if (!(await exists(current))) return
  await chmod(current, 0o600)
  if (!(await control(join(at, 'log'), 'h'))) return
  for (const end = Date.now() + 1_000; Date.now() < end; await sleep(5)) {
    if (((await stat(current)).mode & 0o777) === 0o644) return
  }
}

/** One character to runsv; false when no runsv listens there yet. */
async function control(at: string, command: 'u' | 'd' | 'h' | 'x'): Promise<boolean> {
  try {
    const fifo = await open(join(at, 'supervise', 'control'), constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await fifo.write(command)
    } finally {
      await fifo.close()
    }
    return true
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // EPIPE: it ended between the two.
    if (code === 'ENOENT' || code === 'ENXIO' || code === 'EPIPE') return false
    throw error
  }
}

/** The service itself, from the shell that reads its environment on. */
function program({ argv, cwd, user, confinement }: ServiceSpec): string[] {
  // chpst -P gives the service a process group of its own: it is stopped whole.
  if (confinement !== undefined) {
    const own = launcherArguments(confinement, { cwd, argv }).map(quoteShell).join(' ')
    return [`exec chpst -P /bin/bash --norc -c "$(cat confine)" ${own}`]
  }
  const as = user === null ? '' : ` -u ${quoteShell(user)}`
  const inner = `eval "$(/bin/cat <&${ENVIRONMENT_FD})"; exec ${ENVIRONMENT_FD}<&-; exec "$@"`
  return [
    `cd ${quoteShell(cwd)} || { echo "cannot enter "${quoteShell(cwd)}; sleep 5; exit 100; }`,
    `exec chpst -P -o 65536${as} env -i sh -c ${quoteShell(inner)} run ${argv.map(quoteShell).join(' ')}`,
  ]
}

async function writeScripts(at: string, spec: ServiceSpec): Promise<boolean> {
  const run = [
    '#!/bin/sh',
    'exec 2>&1',
    'echo $$ >pgid',
    `exec ${ENVIRONMENT_FD}<environment`,
    ...program(spec),
  ]
  const { cgroup = null, gate = null } = spec.confinement ?? {}
  const closed = gate === null ? [] : [`rm -f ${quoteShell(gate.path)}`]
  const files: Array<[string, string[], number]> = [
    ['run', run, 0o700],
    // `down` is there when it was told to stop: any other end is a crash, and counted.
    [
      'finish',
      [
        '#!/bin/sh',
        // Before anything else: somebody else may listen on its port now.
        ...closed,
        'if [ ! -e down ]; then',
        '  echo "$1 $2" >>crashes',
        // runit gives -1 and the signal, or the exit code; what it says goes into the service's own log.
        '  if [ "$1" = -1 ]; then how="was killed by signal $2"; else how="ended with exit code $1"; fi',
        '  echo "error: the process $how; it is started again"',
        'fi',
        signalGroup('KILL', 'pgid'),
        // What it started may have left its process group.
        ...(cgroup === null ? [] : [`echo 1 2>/dev/null >${quoteShell(join(cgroup, 'cgroup.kill'))}`]),
        // Again: it could have been opened a moment before all of them were killed.
        ...closed,
        'exit 0',
      ],
      0o700,
    ],
    ['control/t', ['#!/bin/sh', signalGroup('TERM', 'supervise/pid')], 0o700],
    ['log/run', ['#!/bin/sh', `exec svlogd -ttt ${quoteShell(spec.log)}`], 0o700],
  ]
  const fresh = !(await exists(join(at, 'run')))
  if (fresh) await writeDurable(join(at, 'down'), '')
  for (const [name, lines, mode] of files) await writeIfChanged(join(at, name), `${lines.join('\n')}\n`, mode)
  await writeIfChanged(join(at, 'environment'), environmentText({ PATH: SYSTEM_PATH, ...spec.env }), 0o600)
  if (spec.confinement !== undefined) await writeIfChanged(join(at, 'confine'), launcher(), 0o600)
  await writeIfChanged(join(at, 'cgroup'), cgroup ?? '', 0o600)
  await writeIfChanged(join(at, 'gate'), gate?.path ?? '', 0o600)
  await writeIfChanged(join(at, 'grace'), String(spec.graceSeconds), 0o600)
  await writeIfChanged(join(at, 'tag'), spec.tag, 0o600)
  return writeIfChanged(join(spec.log, 'config'), `s5000000\nn10\np${spec.tag} \n`, 0o600)
}

async function writeIfChanged(path: string, content: string, mode: number): Promise<boolean> {
  if ((await readFile(path, 'utf8').catch(() => null)) === content) return false
  await writeDurable(path, content, mode)
  return true
}

/**
 * The shell's own kill, never /bin/kill: that of procps 4.0.2 (Debian 12) reads `kill -TERM -19794`
 * as process -1, which is every process of the machine.
 */
const signalGroup = (signal: 'TERM' | 'KILL', file: string): string =>
  `pid=$(cat ${file}); [ "\${pid:-0}" -gt 1 ] && kill -${signal} "-$pid" 2>/dev/null`

async function link(watched: string, name: string, target: string): Promise<void> {
  try {
    await symlink(target, join(watched, name))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function notSupervised(name: string): Failure {
  return new Failure('supervisor.absent', `${name} could not be started`, {
    why: 'runsvdir did not pick it up: the supervision tree is not running, or its folder is not the one of this home',
    fix: 'inn up',
  })
}
