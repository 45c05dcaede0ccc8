import { type Performers, performing } from '../../engine/run.ts'
import type { Machine } from './machine.ts'
import { performFirewall } from './perform-firewall.ts'
import type { SetupStep } from './step.ts'
import { FSTAB_LINE, keptIn, PATHS } from './texts.ts'
import { must, type Tools } from './tools.ts'

const MINUTE = 60_000
const LONGEST_MS = { packages: 40 * MINUTE, up: 10 * MINUTE }

/** What each step of a set-up does. */
export const performSetup = (tools: Tools) =>
  performing<SetupStep>({
    ...packageSteps(tools),
    ...fileSteps(tools),
    ...swapSteps(tools),
    ...serviceSteps(tools),
    ...performFirewall(tools),
    async 'setup.record'({ kept }) {
      const at = new Date(tools.clock.now()).toISOString()
      const text = `${JSON.stringify({ at, ...kept }, null, 2)}\n`
      await tools.machine.write(keptIn(tools.places).record, text, 0o600)
    },
  })

type Some<K extends SetupStep['kind']> = Pick<Performers<SetupStep>, K>

const installed = async (machine: Machine): Promise<string[]> => {
  const { out } = await must(machine, ['dpkg-query', '-W', '-f', '${Package} ${db:Status-Status}\n'])
  return out
    .split('\n')
    .flatMap(line => (/ (installed|unpacked|half-\w+|triggers-\w+)$/.test(line) ? [line.split(' ')[0]!] : []))
}

function packageSteps({ machine, places }: Tools): Some<'setup.packages' | 'setup.unpackages'> {
  const before = (run: string) => keptIn(places).before(run)
  return {
    // The launcher knows how: what it installs starts nothing by itself.
    async 'setup.packages'({ packages }, { run, say }) {
      if ((await machine.read(before(run))) === null)
        await machine.write(before(run), (await installed(machine)).join('\n'), 0o600)
      const argv = [`${places.project}/inn`, 'bring-packages', ...packages]
      await must(machine, argv, { timeoutMs: LONGEST_MS.packages, onLine: say })
    },
    async 'setup.unpackages'(_, { run, say }) {
      const text = await machine.read(before(run))
      if (text === null) return
      const known = new Set(text.split('\n'))
      const added = (await installed(machine)).filter(name => !known.has(name))
      const argv = ['apt-get', '-o', 'DPkg::Lock::Timeout=120', '-y', 'purge', ...added]
      const env = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
      if (added.length > 0) await must(machine, argv, { timeoutMs: LONGEST_MS.packages, env, onLine: say })
    },
  }
}

/** Steps that are about one file or link; an upgrade has some of them, too. */
export function fileSteps({
  machine,
}: Pick<Tools, 'machine'>): Some<
  'setup.file' | 'setup.unfile' | 'setup.link' | 'setup.unlink' | 'setup.ssh' | 'setup.unssh'
> {
  const put = (path: string, text: string | null, mode = 0o644) =>
    text === null ? machine.remove(path) : machine.write(path, text, mode)
  // -n: a link to a folder is replaced and not followed.
  const lead = (path: string, to: string) => must(machine, ['ln', '-sfn', '--', to, path])
  return {
    'setup.file': ({ path, text, mode }) => put(path, text, mode),
    'setup.unfile': ({ path, text, mode }) => put(path, text, mode),
    'setup.link': async ({ path, to }) => void (await lead(path, to)),
    'setup.unlink': async ({ path, to }) =>
      to === null ? machine.remove(path) : void (await lead(path, to)),
    async 'setup.ssh'({ path, text }) {
      await put(path, text)
      await reloadSshd(machine)
    },
    async 'setup.unssh'({ path, text }) {
      await put(path, text)
      await reloadSshd(machine)
    },
  }
}

/** Has sshd read its settings anew. Connections stay, and settings that it would not take are refused before. */
async function reloadSshd(machine: Machine): Promise<void> {
  await must(machine, ['/usr/sbin/sshd', '-t'])
  const systemd = await machine.exec(['systemctl', 'reload', 'ssh'])
  if (systemd.code === 0) return
  const pid = (await machine.read('/run/sshd.pid'))?.trim()
  if (pid !== undefined && /^\d+$/.test(pid)) await must(machine, ['kill', '-HUP', pid])
}

function swapSteps({ machine }: Tools): Some<'setup.swap' | 'setup.unswap'> {
  const others = async () =>
    ((await machine.read(PATHS.fstab)) ?? '').split('\n').filter(line => line !== FSTAB_LINE && line !== '')
  const table = (lines: readonly string[]) => machine.write(PATHS.fstab, `${lines.join('\n')}\n`, 0o644)
  const used = async (path: string) => ((await machine.read('/proc/swaps')) ?? '').includes(`${path} `)
  const drop = async (path: string) => {
    if (await used(path)) await must(machine, ['swapoff', path])
    await machine.remove(path)
  }
  return {
    async 'setup.swap'({ path, bytes }) {
      // First, so that a run that was cut knows its own file.
      await table([...(await others()), FSTAB_LINE])
      if (!(await used(path))) {
        await machine.remove(path)
        // Memory of everybody will lie in it.
        await machine.write(path, '', 0o600)
        await must(machine, ['fallocate', '-l', String(bytes), path])
        await must(machine, ['mkswap', path])
        await must(machine, ['swapon', path])
      }
    },
    async 'setup.unswap'({ path }) {
      const left = await others()
      await drop(path)
      await table(left)
    },
  }
}

function serviceSteps({
  machine,
  places,
}: Tools): Some<'setup.service' | 'setup.unservice' | 'setup.up' | 'setup.down'> {
  const systemd = async () => (await machine.exec(['test', '-d', '/run/systemd/system'])).code === 0
  const inn = (...args: string[]) =>
    must(machine, [`${places.project}/inn`, ...args], {
      timeoutMs: LONGEST_MS.up,
      env: { INNKEEPER_HOME: places.home },
    })
  return {
    async 'setup.service'({ name }) {
      const argv = (await systemd()) ? ['systemctl', 'enable', '--now', name] : ['service', name, 'start']
      await must(machine, argv)
    },
    // It may have been removed already.
    async 'setup.unservice'({ name }) {
      const argv = (await systemd()) ? ['systemctl', 'disable', '--now', name] : ['service', name, 'stop']
      await machine.exec(argv)
    },
    'setup.up': async () => void (await inn('up')),
    'setup.down': async () => void (await inn('down', '--yes')),
  }
}
