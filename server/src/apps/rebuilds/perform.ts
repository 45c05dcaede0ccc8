import { join } from 'node:path'
import { noting, type Perform, type Performers, performing, type StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { telling } from '../../kernel/output.ts'
import { count } from '../../kernel/words.ts'
import { buildAt } from '../deploys/perform-release.ts'
import type { Release } from '../releases/release.ts'
import { WRITTEN } from '../releases/sealed.ts'
import type { RebuildPorts } from './ports.ts'
import { difference } from './rule.ts'
import type { RebuildStep } from './step.ts'

type Of<K extends RebuildStep['kind']> = Extract<RebuildStep, { kind: K }>

/** What each kind of step does. However a rebuild ends, what it showed is kept; one that is cancelled showed nothing. */
export function rebuildPerformer(ports: RebuildPorts): Perform<RebuildStep> {
  const performers: Performers<RebuildStep> = {
    'rebuild.take': s => take(ports, s),
    'rebuild.build': (s, c) =>
      noting(
        c,
        () => buildAnew(ports, s, c),
        error => note(ports, s, error),
      ),
    'rebuild.compare': (s, c) =>
      noting(
        c,
        () => compare(ports, s),
        error => note(ports, s, error),
      ),
    'rebuild.clear': s => clear(ports, s.app),
  }
  return performing(performers)
}

/** A machine without room says nothing of the source. */
const NO_ROOM = new Set(['build.no-disk', 'build.no-memory', 'exec.memory'])

async function note(
  { rebuilds, clock }: RebuildPorts,
  { app, release }: Of<'rebuild.build' | 'rebuild.compare'>,
  error: unknown,
): Promise<void> {
  const { code, what, why } = describe(error)
  if (NO_ROOM.has(code)) return
  const last = await rebuilds.last(app)
  const failed = last?.release === release ? last.failed + 1 : 1
  await rebuilds.keep(app, { release, at: clock.now(), problem: `${what}: ${why}`, failed })
}

/** Removes what was built, after ending what a dead keeper may have left building. */
async function clear({ home, files, run }: RebuildPorts, app: string): Promise<void> {
  const { root } = home.app(app).rebuild
  if (await files.exists(root))
    await run({ argv: ['true'], timeoutMs: 60_000, pidFile: join(root, 'build.pid') })
  await files.remove(root)
}

async function take(ports: RebuildPorts, { app, release: id }: Of<'rebuild.take'>): Promise<string> {
  const { home, files, releases } = ports
  const at = home.app(app).rebuild
  const release = await releases.get(app, id)
  const archive = await archiveOf(ports, release)
  await clear(ports, app)
  await files.remove(at.log)
  // Closed until every file belongs to the app's user.
  await files.folder(at.root, 0o700)
  const { files: unpacked } = await files.unpack(archive, at.tree)
  const account = await ports.account(app)
  await files.own(at.tree, account)
  await files.give(at.cache, account, 0o700)
  await files.give(at.root, null, 0o711)
  return `${count(unpacked, 'file')}${release.commit === null ? '' : ` of ${release.commit}`}`
}

async function archiveOf({ home, files }: RebuildPorts, { id, source }: Release): Promise<string> {
  const archive = home.upload(source)
  if (await files.exists(archive)) return archive
  throw new Failure('rebuild.no-source', `the source of ${id} is not on this server any more`, {
    why: `${archive} is missing: an earlier version kept the newest ten archives alone, and a recovery brings none back`,
    fix: '`inn deploy`: from now on the source of each release is kept as long as its files',
  })
}

async function buildAnew(
  ports: RebuildPorts,
  { app, release: id, service }: Of<'rebuild.build'>,
  context: StepContext,
): Promise<string> {
  const release = await ports.releases.get(app, id)
  const releases = await ports.releases.list(app)
  const archive = await archiveOf(ports, release)
  const at = ports.home.app(app).rebuild
  return buildAt(ports, { release, releases, service, at, archive, earlier: [], program: 'rebuild' }, context)
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
      fix: 'see which is right, then: `inn deploy --fresh`',
    })
  await rebuilds.keep(app, { release, at: clock.now(), problem: null, failed: 0 })
  return `the same ${count(rebuilt.size, 'package')}`
}

/** Longest list of packages, in bytes: about a hundred thousand. */
const LONGEST_LIST = 8 * 1024 * 1024

const unlisted = (tree: string, tail: string): Failure =>
  new Failure('rebuild.unlisted', `the packages in ${tree} could not be listed`, {
    why: tail === '' ? 'there are too many' : telling(tail),
    fix: '`inn rebuild` tries again',
  })

/** Path of the manifest of each installed package → its size. No file is opened, and no link followed. */
async function packagesIn({ run }: RebuildPorts, tree: string): Promise<Map<string, string>> {
  const made = WRITTEN.flatMap(name => ['-not', '-path', `*/${name}/*`])
  const packages = ['-path', '*/node_modules/*', '-name', 'package.json', ...made]
  const argv = ['find', '.', '-xdev', ...packages, '-printf', '%P %s\\0']
  const limits = { timeoutMs: 120_000, mostOutput: LONGEST_LIST, background: true }
  const { code, stdout, tail } = await run({ argv, cwd: tree, ...limits })
  if (code !== 0 || stdout.length >= LONGEST_LIST) throw unlisted(tree, tail)
  const lines = stdout.split('\0').filter(line => line !== '')
  return new Map(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), line.slice(line.lastIndexOf(' ') + 1)]),
  )
}
