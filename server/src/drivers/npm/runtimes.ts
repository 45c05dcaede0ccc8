import { mkdir, readdir, readFile, rename, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Runtimes } from '../../apps/releases/runtimes.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec, execOk, SYSTEM_PATH } from '../host/exec.ts'
import { exists, removeTree } from '../host/files.ts'

/** Versions for repositories that do not name one. They are exact, so that builds change only with Innkeeper. */
export const DEFAULTS = { npm: '11.21.2', pnpm: '10.34.8', yarn: '1.22.22' } as const
/** Comes with us, at the version above. */
const OWN_NPM = join(import.meta.dirname, '../../../../node_modules/npm')
/** The last npm that runs on Node.js before 20. */
const OLD_NPM = '10.9.9'

export function runtimes(at: string, network: Readonly<Record<string, string>>): Runtimes {
  const flights = new Map<string, Promise<string>>()
  const once = (key: string, work: () => Promise<string>): Promise<string> => {
    const known = flights.get(key) ?? work().finally(() => flights.delete(key))
    flights.set(key, known)
    return known
  }
  const npm: Npm = { at, network }
  return {
    toolchain: () => toolchain(at),
    node: (major, signal) => once(`node-${major}`, () => nodeFolder(npm, major, signal)),

    manager: (name, { version, node }, signal) => {
      const wanted = version ?? (name === 'npm' && node < 20 ? OLD_NPM : DEFAULTS[name])
      // The package `yarn` ends at version 1; later versions are in `@yarnpkg/cli-dist`.
      const modern = name === 'yarn' && !wanted.startsWith('1')
      const spec = `${modern ? '@yarnpkg/cli-dist' : name}@${wanted}`
      const order = { name: `${name}-${wanted}`, spec, signal }
      const isOwn = name === 'npm' && wanted === DEFAULTS.npm
      return once(spec, async () =>
        join(await (isOwn ? ownNpm(npm, order.name) : bring(npm, order)), 'node_modules', '.bin'),
      )
    },
  }
}

/** Programs that were built on one system need not run on the next, so the system's version takes part. */
async function toolchain(at: string): Promise<string> {
  const majors = (await readdir(at).catch(() => [])).filter(name => /^node-\d+$/.test(name)).sort()
  const brought = majors.map(async name => {
    const manifest = join(
      at,
      name,
      'node_modules',
      `node-${process.platform}-${process.arch}`,
      'package.json',
    )
    return [name, (JSON.parse(await readFile(manifest, 'utf8')) as { version: string }).version]
  })
  const system = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const own = { node: process.versions.node, arch: process.arch, ...DEFAULTS, old: OLD_NPM }
  return JSON.stringify({ own, brought: await Promise.all(brought), system })
}

interface Npm {
  /** Folder of all that was brought. */
  at: string
  network: Readonly<Record<string, string>>
}

/** Folder of the program `node` of this major version. */
async function nodeFolder(npm: Npm, major: number, signal?: AbortSignal): Promise<string> {
  if (major === Number(process.versions.node.split('.')[0])) return ownNode(npm)
  const arch = `${process.platform}-${process.arch}`
  const order = { name: `node-${major}`, spec: `node-${arch}@${major}`, signal }
  return join(await bring(npm, order), 'node_modules', `node-${arch}`, 'bin')
}

/**
 * Our own Node.js where an app's user may look. A second name of the file rather than a copy: its pages are in memory once
 * for the keeper and all apps, and a first deploy writes 120 MB less. Whoever brings us another version makes a new file.
 */
const ownNode = ({ at }: Npm): Promise<string> =>
  placed(join(at, `node-${process.versions.node}`), half => lend(process.execPath, join(half, 'node')))

/** The npm that we come with, in the same way: a first deploy needs no registry for it, and our lockfile vouches for it. */
const ownNpm = ({ at }: Npm, name: string): Promise<string> =>
  placed(join(at, name), async half => {
    const bin = join(half, 'node_modules', '.bin')
    await mkdir(bin, { recursive: true, mode: 0o755 })
    await lend(OWN_NPM, join(half, 'node_modules', 'npm'))
    for (const program of ['npm', 'npx']) await symlink(`../npm/bin/${program}-cli.js`, join(bin, program))
  })

/** Gives a file or a folder a second name, which everybody may read; a copy where the file system has no such names. */
async function lend(from: string, to: string): Promise<void> {
  const copy = (how: string) => exec({ argv: ['cp', how, from, to], timeoutMs: 60_000 })
  if ((await copy('-al')).code !== 0) {
    await removeTree(to)
    await execOk({ argv: ['cp', '-a', from, to], timeoutMs: 60_000 }, 'cp')
  }
  await execOk({ argv: ['chmod', '-R', 'a+rX', to], timeoutMs: 60_000 }, 'chmod')
}

/** A folder that is put in place when it is whole. */
async function placed(target: string, fill: (half: string) => Promise<unknown>): Promise<string> {
  if (await exists(target)) return target
  const half = `${target}.half`
  await removeTree(half)
  await mkdir(half, { recursive: true, mode: 0o755 })
  await fill(half)
  await rename(half, target)
  return target
}

interface Order {
  name: string
  /** As npm takes it: `pnpm@10.34.8`. */
  spec: string
  signal: AbortSignal | undefined
}

/** Installs one package into a folder of its own. */
const bring = ({ at, network }: Npm, { name, spec, signal }: Order): Promise<string> =>
  placed(join(at, name), async half => {
    const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
    const env = {
      ...network,
      HOME: half,
      PATH: `${dirname(process.execPath)}:${SYSTEM_PATH}`,
      npm_config_cache: join(half, '.cache'),
    }
    const argv = ['npm', 'install', '--prefix', half, ...quiet, spec]
    const done = await exec({ argv, env, timeoutMs: 300_000, signal })
    if (done.code !== 0) {
      throw new Failure('runtime.unavailable', `${spec} could not be brought from npm`, {
        why: telling(done.tail),
        fix: `check that this version exists (npm view ${spec} version) and that the npm registry is reached`,
      })
    }
    await removeTree(join(half, '.cache'))
  })
