import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { Account } from '../apps/account.ts'
import type { AppConfig, ServiceConfig } from '../config/config.ts'
import { showDuration } from '../kernel/durations.ts'
import { Failure } from '../kernel/failure.ts'
import { telling } from '../kernel/output.ts'
import type { Finished, Runner } from './runner.ts'
import type { PackageManager, Runtimes } from './runtimes.ts'

export interface BuildPorts {
  run: Runner
  runtimes: Runtimes
  /** What builds need to reach registries: proxies and certificates. */
  network: Readonly<Record<string, string>>
  systemPath: string
}

export interface BuildOrder {
  config: AppConfig
  service: ServiceConfig
  /** The release's folder: `tree` holds the source, `done` what was installed already. */
  at: string
  log: string
  cache: string
  account: Account | null
  env: Readonly<Record<string, string>>
  memoryBytes: number
  signal: AbortSignal
  say: (line: string) => void
}

interface Install {
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

/** Installs and builds one service in its release, as the app's user, below the services. Returns what it did. */
export async function build(ports: BuildPorts, order: BuildOrder): Promise<string> {
  const { service } = order
  const root = join(order.at, 'tree', service.root)
  if (!(await present(root))) {
    const why = `services.${service.name}.root is ${service.root}, and the source has no such folder`
    throw new Failure('build.no-folder', `${service.name} has no folder to build`, {
      why,
      fix: 'correct root in innkeeper.yaml; only what git tracks is deployed',
    })
  }
  const install = await findInstall(order, root)
  const env = await buildEnv(ports, order, root, install)
  const started = performance.now()
  const run = (argv: readonly string[], cwd: string) => step(ports, order, { argv, cwd, env })
  if (install !== null) await once(order, install.folder, () => run(installCommand(install), install.folder))
  const { install: ownInstall, build: commands, devDependencies, node } = service
  const same = JSON.stringify({ root, ownInstall, commands, devDependencies, node, env: order.env })
  const ran = await once(order, same, async () => {
    for (const argv of Array.isArray(ownInstall) ? ownInstall : []) await run(argv, root)
    for (const argv of commands) await run(argv, root)
    if (devDependencies === 'prune' && install !== null) await run(pruneCommand(install), install.folder)
  })
  if (service.kind === 'static') await checkStatic(order, root)
  if (!ran && commands.length > 0) return `${service.name} shares a build that is done`
  return `${service.name} built in ${showDuration(performance.now() - started)}`
}

async function step(
  ports: BuildPorts,
  order: BuildOrder,
  command: { argv: readonly string[]; cwd: string; env: Record<string, string> },
): Promise<void> {
  const name = command.argv.join(' ')
  // One stream: lines that are appended one by one arrive in any order.
  const log = createWriteStream(order.log, { flags: 'a', mode: 0o600 })
  log.on('error', () => {}) // A full disk stops the build by itself; its log is not what should.
  const tell = (line: string) => {
    order.say(line)
    log.write(`${line}\n`)
  }
  tell(`$ ${name}`)
  try {
    const done = await ports.run({
      ...command,
      user: order.account,
      timeoutMs: order.config.buildTimeout,
      memoryBytes: order.memoryBytes,
      background: true,
      pidFile: join(order.at, 'build.pid'),
      signal: order.signal,
      onLine: tell,
    })
    if (done.code !== 0) throw buildFailed(order, name, done)
  } finally {
    log.end()
  }
}

function buildFailed(order: BuildOrder, name: string, done: Finished): Failure {
  return new Failure('build.failed', `the build of ${order.service.name} failed`, {
    why: `${name} ended with ${done.code ?? done.signal}\n${telling(done.tail)}`,
    fix: `the whole log: ${order.log}`,
    facts: { service: order.service.name, code: done.code },
  })
}

/** The nearest lockfile at or above the service's folder; null when there is nothing to install. */
async function findInstall(order: BuildOrder, root: string): Promise<Install | null> {
  const { service } = order
  if (service.install !== undefined) return null
  const tree = join(order.at, 'tree')
  const declared = (await declaredManager(root)) ?? (await declaredManager(tree))
  const dependent = await hasDependencies(root)
  for (let folder = root; ; folder = dirname(folder)) {
    // A lockfile above is for the service in a workspace, or where the service has no package of its own.
    const ours = folder === root || !dependent || (await isWorkspace(folder))
    for (const [file, manager] of ours ? LOCKFILES : []) {
      if (service.packageManager !== undefined && manager !== service.packageManager) continue
      if (await present(join(folder, file)))
        return { folder, manager, version: declared?.name === manager ? declared.version : null }
    }
    if (folder === tree) break
  }
  if (!dependent) return null
  throw new Failure('build.no-lockfile', `${service.name} has a package.json and no lockfile`, {
    why: `no ${LOCKFILES.map(([file]) => file).join(', ')} in ${relative(tree, root) || 'the repository'} or above it that git tracks, so nobody knows which versions to install`,
    fix: 'npm install --package-lock-only, commit package-lock.json, and deploy again',
  })
}

const isWorkspace = async (folder: string): Promise<boolean> =>
  (await manifestOf(folder)).workspaces !== undefined || present(join(folder, 'pnpm-workspace.yaml'))

async function hasDependencies(root: string): Promise<boolean> {
  const { dependencies, devDependencies } = await manifestOf(root)
  return Object.keys({ ...dependencies, ...devDependencies }).length > 0
}

interface Manifest {
  dependencies?: object
  devDependencies?: object
  workspaces?: unknown
}

async function manifestOf(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}')
  try {
    return JSON.parse(text) as Manifest
  } catch (error) {
    throw new Failure('build.bad-manifest', `${join(folder, 'package.json')} cannot be read`, {
      why: (error as Error).message,
      fix: 'correct the file, then deploy again',
    })
  }
}

/** What package.json says of itself: `packageManager: "pnpm@10.4.1"` → name and version. */
async function declaredManager(folder: string): Promise<{ name: string; version: string } | null> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '')
  const found = /"packageManager"\s*:\s*"(npm|pnpm|yarn)@([\d.]+)/.exec(text)
  return found === null ? null : { name: found[1]!, version: found[2]! }
}

/** Services of one repository often share install and build; a marker made after it succeeded keeps work from running twice. */
async function once(order: BuildOrder, key: string, work: () => Promise<void>): Promise<boolean> {
  const marker = join(order.at, 'done', createHash('sha256').update(key).digest('hex').slice(0, 16))
  if (await present(marker)) return false
  await work()
  await mkdir(dirname(marker), { recursive: true })
  await writeFile(marker, '')
  return true
}

function installCommand({ manager, version }: Install): string[] {
  if (manager === 'npm') return ['npm', 'ci', '--no-audit', '--no-fund']
  if (manager === 'pnpm') return ['pnpm', 'install', '--frozen-lockfile']
  return version === null || version.startsWith('1.')
    ? ['yarn', 'install', '--frozen-lockfile', '--non-interactive']
    : ['yarn', 'install', '--immutable']
}

function pruneCommand({ manager }: Install): string[] {
  if (manager === 'npm') return ['npm', 'prune', '--omit=dev', '--no-audit', '--no-fund']
  if (manager === 'pnpm') return ['pnpm', 'prune', '--prod']
  return ['yarn', 'install', '--production', '--ignore-scripts', '--prefer-offline']
}

async function buildEnv(
  ports: BuildPorts,
  order: BuildOrder,
  root: string,
  install: Install | null,
): Promise<Record<string, string>> {
  const { service } = order
  const node = await ports.runtimes.node(service.node, order.signal)
  const npm = await ports.runtimes.manager('npm', { version: null, node: service.node }, order.signal)
  const own =
    install === null || install.manager === 'npm'
      ? []
      : [
          await ports.runtimes.manager(
            install.manager,
            { version: install.version, node: service.node },
            order.signal,
          ),
        ]
  const bins = [join(root, 'node_modules/.bin'), join(order.at, 'tree/node_modules/.bin')]
  return {
    ...ports.network,
    CI: 'true',
    HOME: order.cache,
    npm_config_update_notifier: 'false',
    ...order.env,
    PATH: [node, ...own, npm, ...bins, ports.systemPath].join(':'),
  }
}

async function checkStatic(order: BuildOrder, root: string): Promise<void> {
  const folder = join(root, order.service.static!)
  if (await present(join(folder, 'index.html'))) return
  throw new Failure('build.no-files', `the build of ${order.service.name} left nothing to serve`, {
    why: `there is no index.html in ${join(order.service.root, order.service.static!)} after the build`,
    fix: 'correct static: in innkeeper.yaml to the folder that the build writes, or add the build command',
  })
}

const present = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
