import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { FileCipher } from '../../kernel/cipher.ts'
import { quoteShell } from '../../kernel/quote.ts'
import type { ServiceSpec } from '../../servers/supervisor/supervisor.ts'
import { ENVIRONMENT_FD, environmentText, launcher, launcherArguments } from '../host/confine.ts'
import { SYSTEM_PATH } from '../host/exec.ts'
import { exists, writeDurable, writeIfChanged } from '../host/files.ts'
import { writeEncrypted } from './encrypted.ts'
import { type LogChange, writeLog } from './log.ts'

/** Lines of `run` that start the service itself, after its environment was read. */
function program({ argv, cwd, user, confinement }: ServiceSpec): string[] {
  // chpst -P gives the service its own process group, so that it is stopped as a whole.
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

/**
 * Lines of `run` that give a program of an app its environment. It comes through a pipe: opened, it never lies on a disk.
 * Who writes into the pipe is no child of the program, which would not wait for it.
 */
export function opening({ opener }: FileCipher): string[] {
  const open = opener.map(quoteShell).join(' ')
  const failed = 'echo "error: its environment cannot be opened"; sleep 5; exit 100'
  return [
    `exec ${ENVIRONMENT_FD}< <( (text=$(${open} environment.age) || text=${quoteShell(failed)}; printf "%s\\n" "$text") & )`,
    'wait "$!"',
  ]
}

/** Lines of `finish`, which runs after each end. Without the file `down`, nobody told the service to stop, and the end counts as a crash. */
function finish({ confinement }: ServiceSpec): string[] {
  const { cgroup = null, gate = null } = confinement ?? {}
  const closed = gate === null ? [] : [`rm -f ${quoteShell(gate.path)}`]
  return [
    '#!/bin/sh',
    // The gate is closed first, because another program may listen on the port now.
    ...closed,
    'if [ ! -e down ]; then',
    '  echo "$1 $2" >>crashes',
    // runit passes the exit code, or -1 and the signal. The message goes to the service's own log.
    '  if [ "$1" = -1 ]; then how="was killed by signal $2"; else how="ended with exit code $1"; fi',
    '  echo "error: the process $how; it is started again"',
    'fi',
    signalGroup('KILL', 'pgid'),
    // Kills processes that left the process group.
    ...(cgroup === null ? [] : [`echo 1 2>/dev/null >${quoteShell(join(cgroup, 'cgroup.kill'))}`]),
    // The gate is closed again: it could have been opened just before all were killed.
    ...closed,
    'exit 0',
  ]
}

/** Writes the files of a service's folder. Resolves with what its log must do then. */
export async function writeScripts(at: string, spec: ServiceSpec, cipher: FileCipher): Promise<LogChange> {
  const encrypted = spec.confinement !== undefined
  const opened = encrypted ? opening(cipher) : [`exec ${ENVIRONMENT_FD}<environment`]
  const run = [
    encrypted ? '#!/bin/bash' : '#!/bin/sh',
    'exec 2>&1',
    'echo $$ >pgid',
    ...opened,
    ...program(spec),
  ]
  const { cgroup = null, gate = null } = spec.confinement ?? {}
  const files: Array<[string, string[], number]> = [
    ['run', run, 0o700],
    ['finish', finish(spec), 0o700],
    ['control/t', ['#!/bin/sh', signalGroup(spec.stopSignal ?? 'TERM', 'supervise/pid')], 0o700],
  ]
  const fresh = !(await exists(join(at, 'run')))
  if (fresh) await writeDurable(join(at, 'down'), '')
  for (const [name, lines, mode] of files) await writeIfChanged(join(at, name), `${lines.join('\n')}\n`, mode)
  const environment = environmentText({ PATH: SYSTEM_PATH, ...spec.env })
  if (encrypted) {
    await writeEncrypted(join(at, 'environment.age'), environment, cipher)
    // An earlier version kept it as it is.
    await rm(join(at, 'environment'), { force: true })
    await writeIfChanged(join(at, 'confine'), launcher(), 0o600)
  } else await writeIfChanged(join(at, 'environment'), environment, 0o600)
  await writeIfChanged(join(at, 'cgroup'), cgroup ?? '', 0o600)
  await writeIfChanged(join(at, 'gate'), gate?.path ?? '', 0o600)
  await writeIfChanged(join(at, 'grace'), String(spec.graceSeconds), 0o600)
  await writeIfChanged(join(at, 'tag'), spec.tag, 0o600)
  return writeLog(at, spec, cipher)
}

/**
 * Signals a process group with the shell's own kill, never with /bin/kill: the one of procps 4.0.2 (Debian 12) reads
 * `kill -TERM -19794` as process -1, which is every process of the machine.
 */
const signalGroup = (signal: 'TERM' | 'INT' | 'KILL', file: string): string =>
  `pid=$(cat ${file}); [ "\${pid:-0}" -gt 1 ] && kill -${signal} "-$pid" 2>/dev/null`
