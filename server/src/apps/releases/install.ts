import { dirname, join } from 'node:path'
import type { ServiceConfig } from '../../config/config.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Source } from '../../kernel/source.ts'
import { list } from '../../kernel/words.ts'
import type { PackageManager } from './runtimes.ts'

/** How the packages of a service are installed. */
export interface Install {
  /** Folder of the lockfile, relative to the root of the release. */
  folder: string
  manager: PackageManager
  version: string | null
}

const LOCKFILES: ReadonlyArray<[string, PackageManager]> = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
]

/**
 * The nearest lockfile at or above the service's folder; null when there is nothing to install. Of several, the one of
 * the manager that innkeeper.yaml or package.json names. Failure `build.no-lockfile`, `build.lockfiles`,
 * `build.bad-manifest`, `source.refused`.
 */
export async function findInstall(source: Source, service: ServiceConfig): Promise<Install | null> {
  if (service.install !== undefined) return null
  const { root } = service
  const declared = (await declaredManager(source, root)) ?? (await declaredManager(source, '.'))
  const named = service.packageManager ?? declared?.name
  const dependent = await hasDependencies(source, root)
  for (let folder = root; ; folder = dirname(folder)) {
    // A lockfile in a folder above counts in a workspace, or when the service has no package of its own.
    const ours = folder === root || !dependent || (await isWorkspace(source, folder))
    const found = ours ? await lockfilesIn(source, folder) : []
    const fits = found.filter(([, manager]) => manager === named)
    const [first] = fits.length > 0 ? fits : service.packageManager === undefined ? found : []
    if (fits.length === 0 && managersOf(found).length > 1 && service.packageManager === undefined)
      throw severalLockfiles(found, folder)
    if (first !== undefined)
      return { folder, manager: first[1], version: declared?.name === first[1] ? declared.version : null }
    if (folder === '.') break
  }
  if (!dependent) return null
  throw new Failure('build.no-lockfile', `${service.name} has a package.json and no lockfile`, {
    why: `no ${LOCKFILES.map(([file]) => file).join(', ')} in ${root === '.' ? 'the repository' : root} or above it that git tracks, so nobody knows which versions to install`,
    fix: '`npm install --package-lock-only`, commit package-lock.json, and deploy again',
  })
}

type Lockfile = (typeof LOCKFILES)[number]

async function lockfilesIn(source: Source, folder: string): Promise<Lockfile[]> {
  const found: Lockfile[] = []
  for (const lockfile of LOCKFILES) if (await source.has(join(folder, lockfile[0]))) found.push(lockfile)
  return found
}

const managersOf = (found: readonly Lockfile[]): PackageManager[] => [
  ...new Set(found.map(([, manager]) => manager)),
]

/** One of them is stale, and only the author knows which: its versions would go live without a word. */
const severalLockfiles = (found: readonly Lockfile[], folder: string): Failure =>
  new Failure('build.lockfiles', `${folder === '.' ? 'the repository' : folder} has several lockfiles`, {
    why: `${list(found.map(([file]) => file))} may say other versions, and neither packageManager in package.json nor innkeeper.yaml says which one counts`,
    fix: `\`git rm\` the one that is not used, or write packageManager: ${found[0]![1]} at the service in innkeeper.yaml`,
  })

const isWorkspace = async (source: Source, folder: string): Promise<boolean> =>
  (await manifestOf(source, folder)).workspaces !== undefined ||
  source.has(join(folder, 'pnpm-workspace.yaml'))

async function hasDependencies(source: Source, root: string): Promise<boolean> {
  const { dependencies, devDependencies } = await manifestOf(source, root)
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0
}

interface Manifest {
  dependencies?: object
  devDependencies?: object
  workspaces?: unknown
}

async function manifestOf(source: Source, folder: string): Promise<Manifest> {
  const path = join(folder, 'package.json')
  try {
    return JSON.parse((await source.text(path)) ?? '{}') as Manifest
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new Failure('build.bad-manifest', `${path} cannot be read`, {
      // The file's content is not quoted: everybody who sees the deploy would see it.
      why: 'it is no JSON',
      fix: 'correct the file, then deploy again',
    })
  }
}

/** What package.json says of itself: `packageManager: "pnpm@10.4.1"` → name and version. */
async function declaredManager(
  source: Source,
  folder: string,
): Promise<{ name: string; version: string } | null> {
  const text = (await source.text(join(folder, 'package.json'))) ?? ''
  const found = /"packageManager"\s*:\s*"(npm|pnpm|yarn)@([\d.]+)/.exec(text)
  return found === null ? null : { name: found[1]!, version: found[2]! }
}

export function installCommand({ manager, version }: Install): string[] {
  if (manager === 'npm') return ['npm', 'ci', '--no-audit', '--no-fund']
  // By itself pnpm links packages to its store: what one release writes to them, every other one would have. Without
  // `config.` pnpm 9 and 10 drop this value in silence (findings/pnpm-clone-or-copy-flag.sh).
  if (manager === 'pnpm')
    return ['pnpm', 'install', '--frozen-lockfile', '--config.package-import-method=clone-or-copy']
  return version === null || version.startsWith('1.')
    ? ['yarn', 'install', '--frozen-lockfile', '--non-interactive']
    : ['yarn', 'install', '--immutable']
}

export function pruneCommand({ manager }: Install): string[] {
  if (manager === 'npm') return ['npm', 'prune', '--omit=dev', '--no-audit', '--no-fund']
  if (manager === 'pnpm') return ['pnpm', 'prune', '--prod']
  return ['yarn', 'install', '--production', '--ignore-scripts', '--prefer-offline']
}
