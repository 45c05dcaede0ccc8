import { copyFile, mkdir, readdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Runtimes } from '../../apps/releases/runtimes.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { exec, SYSTEM_PATH } from '../host/exec.ts'
import { exists, removeTree } from '../host/files.ts'

/** Versions for repositories that do not name one. They are exact, so that builds change only with Innkeeper. */
export const DEFAULTS = { npm: '11.21.2', pnpm: '10.34.8', yarn: '1.22.22' } as const
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
      return once(spec, async () =>
        join(await bring(npm, { name: `${name}-${wanted}`, spec, signal }), 'node_modules', '.bin'),
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

/** A copy of our own Node.js, because ours may live where an app's user may not look. */
async function ownNode({ at }: Npm): Promise<string> {
  const target = join(at, `node-${process.versions.node}`)
  if (await exists(target)) return target
  await removeTree(`${target}.half`)
  await mkdir(`${target}.half`, { recursive: true, mode: 0o755 })
  await copyFile(process.execPath, join(`${target}.half`, 'node'))
  await rename(`${target}.half`, target)
  return target
}

interface Order {
  name: string
  /** As npm takes it: `pnpm@10.34.8`. */
  spec: string
  signal: AbortSignal | undefined
}

/** Installs one package into a folder of its own, put in place when whole. */
async function bring({ at, network }: Npm, { name, spec, signal }: Order): Promise<string> {
  const target = join(at, name)
  if (await exists(target)) return target
  const half = `${target}.half`
  await removeTree(half)
  await mkdir(half, { recursive: true, mode: 0o755 })
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
  await rename(half, target)
  return target
}
