import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exec } from '../../server/src/drivers/host/exec.ts'

const PROJECT = join(import.meta.dirname, '../..')
const SCRIPT = join(import.meta.dirname, 'machine.sh')
const LONGEST_MS = 120_000

/** Begins in a control group of its own, which the first program of the machine takes for the root. */
const ENTER = '[ "$0" = - ] || { mkdir "$0" && echo $$ >"$0/cgroup.procs"; }; exec "$@"'

/** How a command ended, with both outputs together. */
export interface Did {
  code: number
  out: string
  text: string
}

/** A machine over this one's files, with processes and a network of its own, and a laptop that is wired to it. */
export interface Testbed {
  /** The machine's address, as the laptop sees it. */
  address: string
  /** Runs a shell's text on the machine. */
  at(script: string): Promise<Did>
  /** The same, of which what must succeed is shown when it does not. */
  must(script: string): Promise<string>
  /** Starts a program on the machine. */
  begin(argv: readonly string[]): { child: ChildProcess; kill(): void }
  /** Runs a program on the laptop. */
  laptop(argv: readonly string[], env?: Record<string, string>): Promise<Did>
  write(path: string, text: string): Promise<void>
  remove(): Promise<void>
}

interface Wanted {
  /** Room for what changes. */
  size?: string
  /** Whether Innkeeper lies in /opt/innkeeper. */
  project?: boolean
  /** Whether systemd is its first program. */
  systemd?: boolean
}

/** Where control groups of version 2 are; systemd wants one of its own. */
export const CGROUPS = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified'].find(path =>
  existsSync(join(path, 'cgroup.procs')),
)

export async function makeMachine({
  size = '3g',
  project = true,
  systemd = false,
}: Wanted = {}): Promise<Testbed> {
  const layers = await mkdtemp(join(tmpdir(), 'inn-machine-'))
  const group = systemd ? join(CGROUPS!, basename(layers)) : null
  const machine = first([layers, size, project ? PROJECT : '-', systemd ? 'systemd' : '-'], group)
  const street = spawn('setpriv', [...MORTAL, '--net', 'sleep', 'infinity'], { stdio: 'ignore' })
  await new Promise<void>((resolve, reject) => {
    machine.stdout!.once('data', () => resolve())
    machine.once('exit', code => reject(new Error(`machine.sh ended with ${code}`)))
  })
  const [pid] = childrenOf(machine.pid!) as [number]
  const outside = ['nsenter', '-t', String(street.pid), '-n', '--']
  const there = insideOf(pid, layers)
  await wired(outside, pid)
  if (systemd)
    await there.must('until systemctl is-system-running | grep -q "running\\|degraded"; do sleep 0.1; done')
  await there.must('ip addr add 10.9.0.2/24 dev street && ip link set street up')
  return {
    address: '10.9.0.2',
    ...there,
    laptop: (argv, env) => run([...outside, ...argv], env),
    async remove() {
      for (const one of [machine, street]) one.kill('SIGKILL')
      const over = (one: ChildProcess) =>
        one.exitCode ?? one.signalCode ?? new Promise(ended => one.once('exit', ended))
      await Promise.all([machine, street].map(over))
      if (group !== null) await dropped(group)
      await rm(layers, { recursive: true, force: true })
    },
  }
}

/** They end with us, and what runs inside with them. */
const MORTAL = ['--pdeathsig', 'KILL', 'unshare']

/** The first program of the machine, in namespaces of its own. */
function first(args: readonly string[], group: string | null): ChildProcess {
  const spaces = ['--mount', '--net', '--pid', '--ipc', '--uts', ...(group === null ? [] : ['--cgroup'])]
  const how = ['--fork', '--kill-child', '--mount-proc', '--propagation', 'private']
  const argv = ['setpriv', ...MORTAL, ...spaces, ...how, 'bash', SCRIPT, ...args]
  return spawn('sh', ['-c', ENTER, group ?? '-', ...argv], { stdio: ['ignore', 'pipe', 'inherit'] })
}

async function run(argv: readonly string[], env: Record<string, string> = {}): Promise<Did> {
  const all = { PATH: process.env['PATH']!, HOME: '/root', ...env }
  const { code, stdout, tail } = await exec({ argv, cwd: '/', env: all, timeoutMs: LONGEST_MS })
  return { code: code ?? -1, out: stdout, text: tail }
}

/** What is done on the machine whose first program this is. */
function insideOf(pid: number, layers: string): Pick<Testbed, 'at' | 'must' | 'begin' | 'write'> {
  const inside = ['nsenter', '-t', String(pid), '-m', '-n', '-p', '-i', '-u', '--']
  const at = (script: string) => run([...inside, 'bash', '-c', script])
  const must = async (script: string) => {
    const did = await at(script)
    if (did.code !== 0) throw new Error(`${script}\n${did.text}`)
    return did.out
  }
  return {
    at,
    must,
    begin(argv) {
      const child = spawn(inside[0]!, [...inside.slice(1), ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
      // nsenter waits for it, and is of this machine.
      const kill = () => {
        for (const one of childrenOf(child.pid!)) process.kill(one, 'SIGKILL')
      }
      return { child, kill }
    },
    async write(path, text) {
      await must(`mkdir -p "$(dirname '${path}')"`)
      const from = `${layers}.text`
      await writeFile(from, text)
      await run(['sh', '-c', 'exec "$@" < "$0"', from, ...inside, 'dd', 'status=none', `of=${path}`])
      await rm(from)
    },
  }
}

/** Removes a control group whose last processes are about to be gone. */
async function dropped(group: string): Promise<void> {
  const argv = ['find', group, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']
  for (const end = Date.now() + 5_000; existsSync(group) && Date.now() < end; await sleep(50))
    await exec({ argv, cwd: '/', timeoutMs: 20_000 })
}

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)

/** A wire between the laptop's network and the machine's. */
async function wired(outside: readonly string[], pid: number): Promise<void> {
  for (const argv of [
    ['ip', 'link', 'add', 'street', 'type', 'veth', 'peer', 'name', 'street', 'netns', String(pid)],
    ['ip', 'addr', 'add', '10.9.0.1/24', 'dev', 'street'],
    ['ip', 'link', 'set', 'street', 'up'],
    ['ip', 'link', 'set', 'lo', 'up'],
  ]) {
    const did = await run([...outside, ...argv])
    if (did.code !== 0) throw new Error(`${argv.join(' ')}: ${did.text}`)
  }
}

const PACKAGES = ['cron', 'unattended-upgrades'] as const

/**
 * A repository in the machine's own files with packages that are not on this machine, each with nothing but what starts
 * it: apt and dpkg are the real ones, and no network is needed.
 */
export async function ownRepository({ write, must }: Pick<Testbed, 'write' | 'must'>): Promise<void> {
  for (const name of PACKAGES) {
    const control = `Package: ${name}\nVersion: 1.0\nArchitecture: all\nMaintainer: Tests <t@example.com>\nDescription: stands in\n`
    await write(`/srv/debs/${name}/DEBIAN/control`, control)
    await write(
      `/srv/debs/${name}/etc/init.d/${name}`,
      '#!/bin/sh\nwhile [ -e /tmp/waits ]; do sleep 0.1; done\n[ ! -e /tmp/refuses ]\n',
    )
    await must(
      `cd /srv/debs && chmod 755 ${name}/etc/init.d/${name} && dpkg-deb -b ${name} ${name}.deb && { cat ${name}/DEBIAN/control; printf 'Filename: ./${name}.deb\\nSize: %s\\nSHA256: %s\\n\\n' "$(stat -c %s ${name}.deb)" "$(sha256sum ${name}.deb | cut -d' ' -f1)"; } >> Packages`,
    )
  }
  await must('rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/*')
  await write('/etc/apt/sources.list', 'deb [trusted=yes] file:/srv/debs ./\n')
}
