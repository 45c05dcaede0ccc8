import { join } from 'node:path'
import { serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { programName } from '../app/names.ts'
import { checkBuilt } from '../releases/build.ts'
import type { Accounts, Programs, Records, Trees } from './ports.ts'
import type { DeployStep } from './step.ts'

type BringPorts = Pick<Records, 'home' | 'releases'> &
  Pick<Programs, 'confined' | 'source'> &
  Pick<Accounts, 'account'> & { files: Pick<Trees, 'carry' | 'compare' | 'give' | 'remove'> }

/** Puts the built files of another environment's release in the place of the source that was unpacked. */
export async function bring(
  ports: BringPorts,
  step: Extract<DeployStep, { kind: 'release.bring' }>,
  { signal }: StepContext,
): Promise<string> {
  const { config } = await ports.releases.get(step.app, step.release)
  const from = ports.home.app(step.from.app).release(step.from.release)
  const to = ports.home.app(step.app).release(step.release)
  const { lost } = await ports.files.compare(from.tree, from.seal)
  if (lost !== null) throw notAsBuilt(step.from, lost)
  await ports.files.remove(to.tree)
  await ports.files.give(to.tree, await ports.account(step.app), 0o755)
  const side = async (app: string, at: typeof from) => ({
    ...at,
    run: {
      confinement: await ports.confined(app, { inside: at.tree, name: programName(app, 'carry') }),
      env: {},
    },
  })
  const { files, differs } = await ports.files.carry({
    from: await side(step.from.app, from),
    to: await side(step.app, to),
    // Links to the folders that the releases of the other environment share.
    without: config.services.flatMap(({ root, persist }) => persist.map(folder => join(root, folder))),
    signal,
  })
  if (differs !== null) throw notAsBuilt(step.from, differs)
  const source = ports.source(to.tree)
  const said = await Promise.all(
    step.services.map(name => checkBuilt(source, config, serviceOf(config, name))),
  )
  return [`${count(files, 'file')}, as they were built`, ...said.filter(text => text !== null)].join('; ')
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
