import { join } from 'node:path'
import { serviceOf } from '../../config/config.ts'
import { type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { programName } from '../app/names.ts'
import { admitted } from '../deploys/perform-release.ts'
import { build } from '../releases/build.ts'
import { resolveMore } from '../releases/environment.ts'
import type { RebuildPorts } from './ports.ts'
import { difference } from './rule.ts'
import type { RebuildStep } from './step.ts'

type Of<K extends RebuildStep['kind']> = Extract<RebuildStep, { kind: K }>

/** What each kind of step does. However a rebuild ends, what it showed is kept; one that is cancelled showed nothing. */
export function rebuildPerformer(ports: RebuildPorts): Perform<RebuildStep> {
  const performers: Performers<RebuildStep> = {
    'rebuild.take': s => take(ports, s),
    'rebuild.build': (s, c) => noted(ports, s, c, () => buildAnew(ports, s, c)),
    'rebuild.compare': (s, c) => noted(ports, s, c, () => compare(ports, s)),
    'rebuild.clear': s => clear(ports, s.app),
  }
  return performing(performers)
}

async function noted(
  { rebuilds, clock }: RebuildPorts,
  { app, release }: Of<'rebuild.build' | 'rebuild.compare'>,
  { signal }: StepContext,
  work: () => Promise<string>,
): Promise<string> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    const { code, what, why } = describe(error)
    // A machine that has no room for it says nothing of the source.
    if (code !== 'build.no-disk' && code !== 'build.no-memory')
      await rebuilds.keep(app, { release, at: clock.now(), problem: `${what}: ${why}` })
    throw error
  }
}

async function clear({ home, files }: RebuildPorts, app: string): Promise<void> {
  await files.remove(home.app(app).rebuild.root)
}

async function take(ports: RebuildPorts, { app, release }: Of<'rebuild.take'>): Promise<string> {
  const { home, files, releases } = ports
  const at = home.app(app).rebuild
  const archive = await archiveOf(ports, app, release)
  await clear(ports, app)
  await files.remove(at.log)
  // Closed until every file belongs to the app's user.
  await files.folder(at.root, 0o700)
  const { files: unpacked } = await files.unpack(archive, at.tree)
  const account = await ports.account(app)
  await files.own(at.tree, account)
  await files.give(at.cache, account, 0o700)
  await files.give(at.root, null, 0o711)
  const { commit } = await releases.get(app, release)
  return `${count(unpacked, 'file')}${commit === null ? '' : ` of ${commit}`}`
}

async function archiveOf({ home, files, releases }: RebuildPorts, app: string, id: string): Promise<string> {
  const { source } = await releases.get(app, id)
  const archive = join(home.uploads, `${source}.tgz`)
  if (await files.exists(archive)) return archive
  throw new Failure('rebuild.no-source', `the source of ${id} is not on this server any more`, {
    why: `${archive} is missing: until now only the newest ten archives of all apps were kept`,
    fix: 'nothing has to be done: the source of the next deploy is kept',
  })
}

async function buildAnew(
  ports: RebuildPorts,
  step: Of<'rebuild.build'>,
  { signal, say }: StepContext,
): Promise<string> {
  const { home, releases, apps } = ports
  const { config, sizeBytes } = await releases.get(step.app, step.release)
  const at = home.app(step.app).rebuild
  const service = serviceOf(config, step.service)
  return build(ports, {
    ...{ config, service, at: at.root, log: at.log, cache: at.cache, signal, say },
    archive: await archiveOf(ports, step.app, step.release),
    earlier: [],
    confinement: await ports.confined(step.app, { inside: at.tree, name: programName(step.app, 'build') }),
    env: resolveMore(service.buildEnv, { secrets: await apps.secrets(step.app) }),
    memoryBytes: await admitted(ports, config, sizeBytes ?? 0),
  })
}

async function compare(ports: RebuildPorts, { app, release }: Of<'rebuild.compare'>): Promise<string> {
  const { home, rebuilds, clock } = ports
  const [serving, rebuilt] = await Promise.all([
    packagesIn(ports, home.app(app).release(release).tree),
    packagesIn(ports, home.app(app).rebuild.tree),
  ])
  const differs = difference(serving, rebuilt)
  if (differs !== null)
    throw new Failure('rebuild.differs', `${release} has other packages when it is built from nothing`, {
      why: differs,
      fix: `see which is right, then \`inn deploy --fresh\``,
    })
  await rebuilds.keep(app, { release, at: clock.now(), problem: null })
  return `the same ${count(rebuilt.size, 'package')}`
}

/** Path of the manifest of each installed package → its size. No file is opened, and no link followed. */
async function packagesIn({ run }: RebuildPorts, tree: string): Promise<Map<string, string>> {
  const packages = ['-path', '*/node_modules/*', '-name', 'package.json', '-not', '-path', '*/.cache/*']
  const argv = ['find', '.', '-xdev', ...packages, '-printf', '%P %s\\0']
  const { stdout } = await run({ argv, cwd: tree, timeoutMs: 120_000, background: true })
  const lines = stdout.split('\0').filter(line => line !== '')
  return new Map(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
  )
}
