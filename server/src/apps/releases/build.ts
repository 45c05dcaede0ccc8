import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { dirname, join } from 'node:path'
import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { showSize } from '../../kernel/sizes.ts'
import type { Source, Sources } from '../../kernel/source.ts'
import { list } from '../../kernel/words.ts'
import type { Confinement } from '../../servers/confinement/confinement.ts'
import {
  bringCaches,
  type Earlier,
  type EarlierPorts,
  installKey,
  noteInstalled,
  type RunAsApp,
  takeInstalled,
} from './earlier.ts'
import { candidates, entryOf, entryThere } from './entry.ts'
import { findInstall, type Install, installCommand, pruneCommand } from './install.ts'
import { hiddenIn } from './log-rules.ts'
import { checkPages } from './pages.ts'
import type { Finished, Runner } from './runner.ts'
import type { Runtimes } from './runtimes.ts'

export interface BuildPorts {
  run: Runner
  runtimes: Runtimes
  /** What builds need to reach registries: proxies and certificates. */
  network: Readonly<Record<string, string>>
  systemPath: string
  source: Sources
  /** For markers of what was done already, in a folder that belongs to root, and what earlier releases left. */
  files: EarlierPorts['files']
}

export interface BuildOrder {
  config: AppConfig
  service: ServiceConfig
  /** The folder of the release: `tree` holds the source, `done` the markers of what was done already. */
  at: string
  log: string
  /** The archive of the source. */
  archive: string
  /** Built releases whose packages and caches can be taken over, newest first. */
  earlier: readonly Earlier[]
  cache: string
  confinement: Confinement
  env: Readonly<Record<string, string>>
  memoryBytes: number
  signal: AbortSignal
  say: (line: string) => void
}

/** Installs and builds one service in its release, as the app's user, below the services. Returns what it did. */
export async function build(ports: BuildPorts, order: BuildOrder): Promise<string> {
  const { service } = order
  const tree = join(order.at, 'tree')
  const root = join(tree, service.root)
  const source = ports.source(tree)
  const install = await findInstall(source, service)
  const env = await buildEnv(ports, order, root, install)
  const started = performance.now()
  const run = (argv: readonly string[], cwd: string) => step(ports, order, { argv, cwd, env })
  const lockfile = join(tree, install?.folder ?? '.')
  if (install !== null) await once(ports, order, lockfile, () => installed(ports, order, install, env))
  const { install: ownInstall, build: commands, devDependencies, node } = service
  const same = JSON.stringify({ root, ownInstall, commands, devDependencies, node, env: order.env })
  const ran = await once(ports, order, same, async () => {
    await bringCaches(ports, asApp(ports, order, env), { ...order, tree }, service.root)
    for (const argv of Array.isArray(ownInstall) ? ownInstall : []) await run(argv, root)
    for (const argv of commands) await run(argv, root)
    if (devDependencies === 'prune' && install !== null) await run(pruneCommand(install), lockfile)
  })
  const pages = await checkBuilt(source, order.config, service)
  const end = pages === null ? '' : `; ${pages}`
  if (!ran && commands.length > 0) return `${service.name} shares a build that is done${end}`
  return `${service.name} built in ${showDuration(performance.now() - started)}${end}`
}

/** Takes the packages of an earlier release, or installs them. */
async function installed(
  ports: BuildPorts,
  order: BuildOrder,
  install: Install,
  env: Record<string, string>,
): Promise<void> {
  const tree = join(order.at, 'tree')
  const command = installCommand(install)
  const { folder } = install
  const { files, runtimes } = ports
  const packages = await files.packagesDigest(order.archive, folder)
  const sees = { packages, install, command, env: order.env, node: order.service.node }
  const key = installKey({ ...sees, toolchain: await runtimes.toolchain() })
  // pnpm writes into its programs where they lie. It brings its packages from its own store, which is as fast.
  const from =
    install.manager === 'pnpm'
      ? null
      : await takeInstalled(ports, asApp(ports, order, env), { ...order, tree }, { folder, key })
  if (from === null) await step(ports, order, { argv: command, cwd: join(tree, folder), env })
  else order.say(`the packages of ${from}: the lockfile and what else decides about them are the same`)
  await noteInstalled(ports, { at: order.at, tree }, { folder, key })
}

/** Small programs that copy or remove files as the app. What they print is of no use to people. */
const asApp =
  (ports: BuildPorts, order: BuildOrder, { PATH }: Record<string, string>): RunAsApp =>
  async (argv, cwd, input) => {
    const { code, stdout } = await ports.run({
      argv,
      cwd,
      env: { PATH: PATH! },
      confinement: order.confinement,
      timeoutMs: order.config.buildTimeout,
      background: true,
      pidFile: join(order.at, 'build.pid'),
      signal: order.signal,
      ...(input === undefined ? {} : { input }),
    })
    return { ok: code === 0, stdout }
  }

/** Refuses built files that cannot serve as the configuration says. Returns what a person should know of a static folder. */
export async function checkBuilt(
  source: Source,
  config: AppConfig,
  service: ServiceConfig,
): Promise<string | null> {
  const pages = service.kind === 'static' ? await checkPages(source, config, service) : null
  await checkEntries(source, config, service)
  return pages
}

async function step(
  ports: BuildPorts,
  order: BuildOrder,
  command: { argv: readonly string[]; cwd: string; env: Record<string, string> },
): Promise<void> {
  const name = command.argv.join(' ')
  // One stream, because single appends may arrive in any order.
  const log = createWriteStream(order.log, { flags: 'a', mode: 0o600 })
  log.on('error', () => {}) // A log that cannot be written must not end the build: a full disk stops it anyway.
  const tell = (line: string) => {
    order.say(line)
    log.write(`${line}\n`)
  }
  tell(`$ ${name}`)
  try {
    const done = await ports.run({
      ...command,
      confinement: order.confinement,
      timeoutMs: order.config.buildTimeout,
      memoryBytes: order.memoryBytes,
      background: true,
      pidFile: join(order.at, 'build.pid'),
      signal: order.signal,
      onLine: tell,
      hidden: hiddenIn(order.service.buildEnv, { ...ports.network, ...order.env }),
    })
    if (done.code !== 0) throw buildFailed(order, name, done)
  } catch (error) {
    throw error instanceof Failure && error.code === 'exec.memory' ? tooMuch(order, error) : error
  } finally {
    log.end()
  }
}

/** Which bound it was, and how to raise it: nobody who wrote none would know of it. */
function tooMuch({ config, memoryBytes }: BuildOrder, error: Failure): Failure {
  const bound =
    config.buildMemory === undefined
      ? `Without buildMemory: in innkeeper.yaml a build may take half of what is free: ${showSize(memoryBytes)} now`
      : memoryBytes < config.buildMemory
        ? `buildMemory: in innkeeper.yaml asks for ${showSize(config.buildMemory)}, and no more than ${showSize(memoryBytes)} was free`
        : `buildMemory: in innkeeper.yaml says ${showSize(memoryBytes)}`
  return new Failure(error.code, error.message, {
    why: `${error.why}. ${bound}`,
    fix: `buildMemory: ${Math.ceil((memoryBytes * 2) / 1024 ** 3)}GB in innkeeper.yaml, where so much is free, or a smaller build (for \`next build\`: fewer workers)`,
    facts: { memoryBytes },
  })
}

function buildFailed(order: BuildOrder, name: string, done: Finished): Failure {
  return new Failure('build.failed', `the build of ${order.service.name} failed`, {
    why: `${name} ended with ${done.code ?? done.signal}\n${telling(done.tail)}`,
    fix: `the whole log: ${order.log}`,
    facts: { service: order.service.name, code: done.code },
  })
}

/** Services of one repository often share install and build; a marker made after it succeeded keeps work from running twice. */
async function once(
  { files }: BuildPorts,
  order: BuildOrder,
  key: string,
  work: () => Promise<void>,
): Promise<boolean> {
  const marker = join(order.at, 'done', createHash('sha256').update(key).digest('hex').slice(0, 16))
  if (await files.exists(marker)) return false
  await work()
  await files.folder(dirname(marker), 0o700)
  await files.write(marker, '')
  return true
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

/** The files that start: and release: run must be there now: without this, a deploy would find out in front of the switch, and only that a process ended. */
async function checkEntries(source: Source, { release }: AppConfig, service: ServiceConfig): Promise<void> {
  const lines: Array<[key: string, argv: readonly string[]]> = []
  if (service.start !== undefined) lines.push([`services.${service.name}.start`, service.start])
  if (release?.service === service.name) lines.push(['release', release.command])
  for (const [key, argv] of lines) {
    const entry = entryOf(argv)
    if (entry === null || (await entryThere(source, join(service.root, entry)))) continue
    const instead = await candidates(source, service.root, entry)
    throw new Failure('build.no-entry', `the build of ${service.name} left no ${entry}`, {
      why: `${key} is ${argv.join(' ')}, and after the build there is no such file${instead.length === 0 ? '' : `; there is ${list(instead)}`}`,
      fix:
        instead.length === 0
          ? `correct ${key} in innkeeper.yaml to the file that the build writes, or add the build command`
          : `${key}: ${argv.map(word => (word.replace(/^\.\//, '') === entry ? instead[0] : word)).join(' ')}`,
      facts: { entry, candidates: instead },
    })
  }
}
