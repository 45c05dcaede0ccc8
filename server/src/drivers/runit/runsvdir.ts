import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { open, readFile, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../../kernel/failure.ts'
import { execOk, SYSTEM_PATH } from '../host/exec.ts'
import { exists, writeDurable } from '../host/files.ts'
import { fileOf } from '../host/nft.ts'
import { isRoot, killProcess, type ProcessInfo, processCalled, processTree, startTime } from '../host/proc.ts'

/**
 * runsvdir looks at its folder every five seconds, and also when something was written to the standard error of its
 * services: with this last argument it reads that itself, and shows the newest letters in its place.
 */
const SHOWN = `log: ${'.'.repeat(400)}`

/** The command of a supervision tree over the services in this folder. */
export const treeCommand = (watched: string): [program: string, ...args: string[]] => [
  'runsvdir',
  '-P',
  watched,
  SHOWN,
]

/** Makes a tree look at its folder soon, at most once a second. Without effect when it does not run. */
export async function wakeTree(pid: number | null): Promise<void> {
  const path = `/proc/${pid}/fd/2`
  try {
    // A tree that an earlier Innkeeper started has a file there.
    if (pid === null || !(await readlink(path)).startsWith('pipe:')) return
    const errors = await open(path, constants.O_WRONLY | constants.O_NONBLOCK)
    try {
      await errors.write('.')
    } finally {
      await errors.close()
    }
  } catch {
    // It ended, or its pipe is full and it looks anyway. In five seconds it looks by itself.
  }
}

const pidFile = (root: string): string => join(root, 'run', 'tree.pid')

/** Pid of this home's runsvdir; null: it does not run. The start time distinguishes it from another process with the same pid. */
export async function treePid(root: string): Promise<number | null> {
  const [pid, start] = (await readFile(pidFile(root), 'utf8').catch(() => '')).trim().split(' ')
  if (pid !== undefined && pid !== '' && (await startTime(Number(pid))) === start) return Number(pid)
  // systemd may have started the tree at boot or after it was killed, so it is looked up by its arguments.
  const found = await processCalled(treeCommand(join(root, 'service')).slice(0, -1))
  if (found !== null) await noteTree(root, found)
  return found
}

const noteTree = async (root: string, pid: number): Promise<void> =>
  writeDurable(pidFile(root), `${pid} ${await startTime(pid)}\n`)

/** Starts runsvdir, as a unit of systemd where there is one. */
export async function startTree(root: string): Promise<void> {
  const unit = await systemdUnit(root)
  await noteTree(root, unit === null ? await startDetached(root) : await startUnit(unit))
}

async function startDetached(root: string): Promise<number> {
  const [program, ...args] = treeCommand(join(root, 'service'))
  const child = spawn(program, args, {
    detached: true,
    cwd: '/',
    env: { PATH: SYSTEM_PATH },
    stdio: 'ignore',
  })
  const failed = await Promise.race([
    new Promise<Error>(resolve => child.once('error', resolve)),
    new Promise<null>(resolve => child.once('spawn', () => resolve(null))),
  ])
  if (failed !== null)
    throw new Failure('supervisor.missing', 'runsvdir could not be started', {
      why: failed.message,
      fix: '`apt-get install runit`',
    })
  child.unref()
  return child.pid!
}

async function startUnit(unit: string): Promise<number> {
  await execOk({ argv: ['systemctl', 'start', unit], timeoutMs: 60_000 }, `starting ${unit}`)
  const argv = ['systemctl', 'show', '-p', 'MainPID', '--value', unit]
  const { stdout } = await execOk({ argv, timeoutMs: 10_000 }, `asking for ${unit}`)
  return Number(stdout)
}

/** The systemd unit of the tree, which brings it back after a reboot; null: no systemd, or not root. */
async function unitOf(root: string): Promise<string | null> {
  if (!isRoot() || !(await exists('/run/systemd/system'))) return null
  return root === '/var/lib/innkeeper'
    ? 'innkeeper'
    : `innkeeper-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`
}

async function systemdUnit(root: string): Promise<string | null> {
  const name = await unitOf(root)
  if (name === null) return null
  await writeDurable(`/etc/systemd/system/${name}.service`, unitText(root), 0o644)
  await execOk({ argv: ['systemctl', 'daemon-reload'], timeoutMs: 60_000 }, 'telling systemd')
  await execOk({ argv: ['systemctl', 'enable', name], timeoutMs: 60_000 }, 'enabling the start at boot')
  return name
}

/** The text of the systemd unit. runsvdir ends its services on SIGHUP; systemd must not kill them before. */
const unitText = (root: string): string => `[Unit]
Description=Innkeeper at ${root}
After=network-online.target
Wants=network-online.target

[Service]
ExecStartPre=-/bin/sh -c 'rm -f ${root}/edge/gates/*'
ExecStartPre=-/usr/sbin/nft -f ${fileOf(root)}
ExecStart=/usr/bin/runsvdir -P ${root}/service "${SHOWN}"
Environment=PATH=${SYSTEM_PATH}
KillSignal=SIGHUP
KillMode=mixed
SuccessExitStatus=111
TimeoutStopSec=120
Restart=always
TasksMax=infinity
LimitNOFILE=1048576

[Install]
WantedBy=multi-user.target
`

/** Ends runsvdir and its services. `others`: ends what an earlier, killed tree has left. */
export async function stopTree(root: string, others: () => Promise<unknown>): Promise<void> {
  const pid = await treePid(root)
  const tree = pid === null ? [] : await processTree(pid)
  if (pid !== null) await endTree(root, pid)
  await others()
  for (const left of await living(tree)) killProcess(left)
  // A killed process exists for a moment longer.
  for (const end = Date.now() + 5_000; (await living(tree)).length > 0 && Date.now() < end; ) await sleep(20)
  await rm(pidFile(root), { force: true })
}

/** Ends runsvdir, which tells all its runsv to end. It must not be able to start a runsv again. */
async function endTree(root: string, pid: number): Promise<void> {
  const start = await startTime(pid)
  const unit = await unitOf(root)
  if (unit === null) process.kill(pid, 'SIGHUP')
  else await execOk({ argv: ['systemctl', 'disable', '--now', unit], timeoutMs: 150_000 }, `stopping ${unit}`)
  for (const end = Date.now() + 70_000; Date.now() < end; await sleep(20)) {
    if ((await startTime(pid)) !== start) return
  }
}

/** Processes that still run, compared by start time too: another process may have the same pid by now. */
async function living(processes: ProcessInfo[]): Promise<ProcessInfo[]> {
  const starts = await Promise.all(processes.map(p => startTime(p.pid)))
  return processes.filter((p, n) => starts[n] === p.start)
}
