import { join } from 'node:path'
import { type AppConfig, serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { programName } from '../app/names.ts'
import { checkBuilt } from '../releases/build.ts'
import type { Carrying } from '../releases/sealed.ts'
import type { Accounts, Programs, Records, Texts, Trees } from './ports.ts'
import type { DeployStep } from './step.ts'

type BringPorts = Pick<Records, 'home' | 'releases'> &
  Pick<Programs, 'confined' | 'source'> &
  Pick<Accounts, 'account'> & {
    files: Pick<Trees, 'carry' | 'carried' | 'compare' | 'folder' | 'give' | 'remove' | 'rename'> &
      Pick<Texts, 'exists'>
  }

interface Way {
  app: string
  from: { app: string; release: string }
  to: { tree: string; seal: string }
  config: AppConfig
}

/** Puts the built files of another environment's release in the place of the source that was unpacked. */
export async function bring(
  ports: BringPorts,
  step: Extract<DeployStep, { kind: 'release.bring' }>,
  { signal }: StepContext,
): Promise<string> {
  const { config } = await ports.releases.get(step.app, step.release)
  const to = ports.home.app(step.app).release(step.release)
  const carrying = await carryingOf(ports, { ...step, to, config }, signal)
  const ahead = await takeAhead(ports, step, carrying)
  const files = ahead ?? (await carryWhole(ports, step, carrying))
  const source = ports.source(to.tree)
  const said = await Promise.all(
    step.services.map(name => checkBuilt(source, config, serviceOf(config, name))),
  )
  const how = ahead === null ? '' : ', copied when they were built'
  return [`${count(files, 'file')}, as they were built${how}`, ...said.filter(text => text !== null)].join(
    '; ',
  )
}

/** Copies them before anybody asks for the promotion, which then has to compare alone. */
export async function bringAhead(
  ports: BringPorts,
  { app, from }: Extract<DeployStep, { kind: 'release.ahead' }>,
  { signal }: StepContext,
): Promise<string> {
  const { root, half, of } = ports.home.app(app).ahead
  const { config } = await ports.releases.get(from.app, from.release)
  await ports.files.remove(root)
  await ports.files.folder(root, 0o711)
  await ports.files.folder(half, 0o711)
  const to = { tree: join(half, 'tree'), seal: join(half, 'seal') }
  const carrying = await carryingOf(ports, { app, from, to, config }, signal)
  const files = await carryWhole(ports, { app, from }, carrying).catch(async error => {
    await ports.files.remove(root)
    throw error
  })
  await ports.files.rename(half, of(from))
  // No program of the app gets in until its turn has come.
  await ports.files.give(root, null, 0o700)
  return count(files, 'file')
}

/** Number of files that were there ahead; null: none, or not those that were built. */
async function takeAhead(
  { home, files }: BringPorts,
  { app, from }: Pick<Way, 'app' | 'from'>,
  carrying: Carrying,
): Promise<number | null> {
  const { root, of } = home.app(app).ahead
  const there = of(from)
  if (!(await files.exists(there))) return null
  await files.remove(carrying.to.tree)
  await files.rename(join(there, 'tree'), carrying.to.tree)
  await files.remove(root)
  const done = await files.carried(carrying)
  return done.differs === null ? done.files : null
}

async function carryWhole(
  ports: BringPorts,
  { app, from }: Pick<Way, 'app' | 'from'>,
  carrying: Carrying,
): Promise<number> {
  await ports.files.remove(carrying.to.tree)
  await ports.files.give(carrying.to.tree, await ports.account(app), 0o755)
  const { files, differs } = await ports.files.carry(carrying)
  if (differs !== null) throw notAsBuilt(from, differs)
  return files
}

/** Failure `promote.changed`: the files are not any more what was built. */
async function carryingOf(
  ports: BringPorts,
  { app, from, to, config }: Way,
  signal: AbortSignal,
): Promise<Carrying> {
  const source = ports.home.app(from.app).release(from.release)
  const { lost } = await ports.files.compare(source.tree, source.seal)
  if (lost !== null) throw notAsBuilt(from, lost)
  const side = async (of: string, at: Way['to']) => ({
    ...at,
    run: {
      confinement: await ports.confined(of, { inside: at.tree, name: programName(of, 'carry') }),
      env: {},
    },
  })
  return {
    from: await side(from.app, source),
    to: await side(app, to),
    // Links to the folders that the releases of the other environment share.
    without: config.services.flatMap(({ root, persist }) => persist.map(folder => join(root, folder))),
    signal,
  }
}

/** Something changed them since their build: what was tested is not what would be promoted. */
export const notAsBuilt = ({ app, release }: { app: string; release: string }, path: string): Failure =>
  new Failure('promote.changed', `the files of ${release} of ${app} are not as they were built`, {
    why:
      path === '.'
        ? 'they are gone, or there is no list of them'
        : `${path} was changed, added or removed since`,
    fix: `\`inn deploy --fresh\` builds ${app} anew; promote that release then`,
  })
