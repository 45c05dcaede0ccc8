import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, open, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isPart } from '../apps/deploys/observe.ts'
import { readSettings, type Settings } from '../config/settings.ts'
import { cgroupFolder, dropCgroups, prepareCgroups } from '../drivers/host/cgroups.ts'
import { execOk, SYSTEM_PATH } from '../drivers/host/exec.ts'
import { exists, makeFolder, writeDurable } from '../drivers/host/files.ts'
import { request } from '../drivers/host/http.ts'
import { networkEnv } from '../drivers/host/network.ts'
import { dropPortWall, fileOf, raisePortWall } from '../drivers/host/nft.ts'
import { freePartPort } from '../drivers/host/ports.ts'
import {
  isRoot,
  killProcess,
  type ProcessInfo,
  processCalled,
  processTree,
  startTime,
} from '../drivers/host/proc.ts'
import { Failure } from '../kernel/failure.ts'
import { PROJECT } from './version.ts'
import { wireServer } from './wire-server.ts'

const LONGEST_HOME = 70
/** Small on purpose: the machine's memory belongs to the apps. */
const KEEPER_FLAGS = ['--max-semi-space-size=1', '--max-old-space-size=192', '--expose-gc']

/** Makes the home, writes the services of keeper and edge down, and brings the supervision tree up. May run at any time. */
export async function up(root: string, say: (line: string) => void): Promise<Settings> {
  checkHome(root)
  for (const part of ['', 'sv', 'service', 'run', 'log', 'apps', 'runtimes', 'cache'])
    await makeFolder(join(root, part), 0o711)
  await chmod(join(root, 'log'), 0o700)
  await prepareCgroups(cgroupFolder(root))
  const settings = await settle(root)
  const { home, supervisor, edge, edgeCommand } = wireServer(root, settings)
  await edge.prepare()
  const shared = { cwd: '/', user: null, tag: '-' }
  await supervisor.define({
    ...shared,
    name: 'edge',
    argv: edgeCommand,
    env: { PATH: SYSTEM_PATH, LANG: 'C.UTF-8' },
    log: join(home.logs, 'edge'),
    graceSeconds: 10,
  })
  await supervisor.define({
    ...shared,
    name: 'keeper',
    argv: [process.execPath, ...KEEPER_FLAGS, join(PROJECT, 'server/src/bin/inn.ts'), 'keeper'],
    env: {
      PATH: SYSTEM_PATH,
      INNKEEPER_HOME: root,
      LANG: 'C.UTF-8',
      NODE_COMPILE_CACHE: join(home.cache, 'keeper'),
      // One heap for all threads instead of one for each: some 3 MB less.
      MALLOC_ARENA_MAX: '1',
      ...networkEnv(process.env),
    },
    log: join(home.logs, 'keeper'),
    graceSeconds: 5,
  })
  // What all apps lean on, PostgreSQL and Redis too: a stopped app stays stopped, a stopped part does not.
  const parts = (await supervisor.list()).filter(isPart)
  for (const name of parts) await rm(join(home.services, name, 'down'), { force: true })
  if ((await treePid(root)) === null) {
    // What was open when the power went is open for whoever listens there now.
    for (const gate of await readdir(home.gates)) await rm(join(home.gates, gate), { force: true })
    await raisePortWall(root)
    await startTree(root)
    say('supervision tree started')
  } else {
    for (const name of parts) await supervisor.start(name)
  }
  await answering(home.keeperSocket)
  return settings
}

/** nginx's and the keeper's sockets lie in the home, and a socket's path has room for 107 bytes. */
function checkHome(root: string): void {
  if (!root.startsWith('/'))
    throw new Failure('home.relative', `${root} cannot be a home`, {
      why: 'INNKEEPER_HOME must be a whole path',
      fix: 'begin it with /',
    })
  // It stands in files of nginx, PostgreSQL, pgBackRest and runit, each with quotes of its own.
  if (!/^[\w./@+-]+$/.test(root)) {
    throw new Failure('home.characters', `${JSON.stringify(root)} cannot be a home`, {
      why: 'its path may have letters, digits and . _ - + @ /',
      fix: 'set INNKEEPER_HOME to such a path',
    })
  }
  if (Buffer.byteLength(root) > LONGEST_HOME) {
    throw new Failure('home.too-long', `${root} cannot be a home`, {
      why: `its path has ${root.length} characters; sockets in it leave room for ${LONGEST_HOME}`,
      fix: 'set INNKEEPER_HOME to a shorter path',
    })
  }
}

async function settle(root: string): Promise<Settings> {
  const known = await readSettings(root)
  if (known !== null) return known
  const wanted = process.env['INNKEEPER_HTTP_PORT']
  const made: Settings = {
    apiPort: await freePartPort(),
    httpPort: wanted === undefined ? (isRoot() ? 80 : 8080) : wanted === 'none' ? null : Number(wanted),
  }
  await writeDurable(join(root, 'settings.json'), `${JSON.stringify(made, null, 2)}\n`)
  return made
}

const pidFile = (root: string): string => join(root, 'run', 'tree.pid')

/** runsvdir of this home, told from a stranger with the same pid by its start time; null: it does not run. */
export async function treePid(root: string): Promise<number | null> {
  const [pid, start] = (await readFile(pidFile(root), 'utf8').catch(() => '')).trim().split(' ')
  if (pid !== undefined && pid !== '' && (await startTime(Number(pid))) === start) return Number(pid)
  // systemd starts the tree at boot, and again when it was killed, without telling us.
  const found = await processCalled(['runsvdir', '-P', join(root, 'service')])
  if (found !== null) await noteTree(root, found)
  return found
}

const noteTree = async (root: string, pid: number): Promise<void> =>
  writeDurable(pidFile(root), `${pid} ${await startTime(pid)}\n`)

async function startTree(root: string): Promise<void> {
  const log = await open(join(root, 'log', 'tree'), 'a', 0o600)
  try {
    const unit = await systemdUnit(root)
    if (unit === null) {
      const child = spawn('runsvdir', ['-P', join(root, 'service')], {
        detached: true,
        cwd: '/',
        env: { PATH: SYSTEM_PATH },
        stdio: ['ignore', log.fd, log.fd],
      })
      const failed = await Promise.race([
        new Promise<Error>(resolve => child.once('error', resolve)),
        new Promise<null>(resolve => child.once('spawn', () => resolve(null))),
      ])
      if (failed !== null)
        throw new Failure('supervisor.missing', 'runsvdir could not be started', {
          why: failed.message,
          fix: 'apt-get install runit',
        })
      child.unref()
      await noteTree(root, child.pid!)
    } else {
      await execOk({ argv: ['systemctl', 'start', unit], timeoutMs: 60_000 }, `starting ${unit}`)
      const { stdout } = await execOk(
        { argv: ['systemctl', 'show', '-p', 'MainPID', '--value', unit], timeoutMs: 10_000 },
        `asking for ${unit}`,
      )
      await noteTree(root, Number(stdout))
    }
  } finally {
    await log.close()
  }
}

/** Where systemd runs and we are root, the tree is one unit of it, so that it comes back after a reboot. */
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

/** runsvdir ends its services on SIGHUP; systemd must not kill them one by one before. */
export const unitText = (root: string): string => `[Unit]
Description=Innkeeper at ${root}
After=network-online.target
Wants=network-online.target

[Service]
ExecStartPre=-/bin/sh -c 'rm -f ${root}/edge/gates/*'
ExecStartPre=-/usr/sbin/nft -f ${fileOf(root)}
ExecStart=/usr/bin/runsvdir -P ${root}/service
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

async function answering(socketPath: string): Promise<void> {
  let last: unknown
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(50)) {
    try {
      const { status } = await request({ socketPath, path: '/api/health', timeoutMs: 2_000 })
      if (status === 200) return
    } catch (error) {
      last = error
    }
  }
  throw new Failure('keeper.unreachable', 'the keeper did not begin to answer', {
    why: String(last),
    fix: 'its log: tail $INNKEEPER_HOME/log/keeper/current',
  })
}

/** Ends everything of this home; nothing is forgotten, `up` brings the same world back. Resolves when all is gone. */
export async function down(root: string): Promise<void> {
  const pid = await treePid(root)
  const tree = pid === null ? [] : await processTree(pid)
  if (pid !== null) await endTree(root, pid)
  // In order, each service before its log; also what an earlier tree left behind when it was killed.
  const { supervisor } = wireServer(root, { httpPort: null })
  await Promise.all((await supervisor.list()).map(name => supervisor.end(name)))
  for (const left of await living(tree)) killProcess(left)
  // A process that was killed, or is on its way out, is there for a moment longer.
  for (const end = Date.now() + 5_000; (await living(tree)).length > 0 && Date.now() < end; ) await sleep(20)
  await rm(pidFile(root), { force: true })
  await dropPortWall(root)
  await dropCgroups(cgroupFolder(root))
}

/** runsvdir tells all its runsv to end, and goes; what must not be is a runsv that it starts again. */
async function endTree(root: string, pid: number): Promise<void> {
  const start = await startTime(pid)
  const unit = await unitOf(root)
  if (unit === null) process.kill(pid, 'SIGHUP')
  else await execOk({ argv: ['systemctl', 'stop', unit], timeoutMs: 150_000 }, `stopping ${unit}`)
  for (const end = Date.now() + 70_000; Date.now() < end; await sleep(20)) {
    if ((await startTime(pid)) !== start) return
  }
}

/** Those of them that still run: a pid alone could be another process by now. */
async function living(processes: ProcessInfo[]): Promise<ProcessInfo[]> {
  const starts = await Promise.all(processes.map(p => startTime(p.pid)))
  return processes.filter((p, n) => starts[n] === p.start)
}

/** What `down` would stop, by name. */
export async function runningServices(root: string): Promise<string[]> {
  const names = await readdir(join(root, 'sv')).catch(() => [])
  const { supervisor } = wireServer(root, { httpPort: null })
  const states = await Promise.all(names.map(name => supervisor.state(name)))
  return states.flatMap(state => (state?.pid == null ? [] : [state.name])).sort()
}
