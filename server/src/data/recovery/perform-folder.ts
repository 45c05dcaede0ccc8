import { join } from 'node:path'
import { redisName } from '../../apps/app/names.ts'
import type { StepContext } from '../../engine/run.ts'
import { Failure } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { fetchSnapshot } from '../restores/perform-files.ts'
import type { RestorePorts } from '../restores/ports.ts'
import type { FolderAt } from './step.ts'

const inUse = (app: string): Failure =>
  new Failure('recover.in-use', `${app} runs here`, {
    why: 'what its visitors left since would be written over',
    fix: `to return to an earlier moment: \`inn restore ${app}\``,
  })

/** Restores a folder beside, and puts it in place. */
export async function recoverFolder(
  restores: RestorePorts,
  step: FolderAt,
  context: StepContext,
): Promise<string> {
  const { files, home, apps, supervisor } = restores
  if ((await apps.find(step.app))?.state === 'running') throw inUse(step.app)
  const own = home.app(step.app)
  const target = { files: own.shared, releases: own.releases, redis: own.redis }[step.of]
  const beside = join(own.closed, step.of)
  const bytes = await fetchSnapshot(restores, step, beside, context)
  await giveBack(restores, step, beside)
  // An earlier try may have started Redis already: it would go on with files that are removed here.
  const redis = redisName(step.app)
  if (step.of === 'redis' && (await supervisor.state(redis)) !== null) await supervisor.stop(redis)
  await files.remove(target)
  await restores.rename(beside, target)
  return showSize(bytes)
}

/** Sets the owners, because users have other ids on another machine. Of a release, the app owns `tree`, and root owns the rest. */
async function giveBack(
  { files, account, source }: RestorePorts,
  { app, of }: FolderAt,
  folder: string,
): Promise<void> {
  const user = await account(app)
  if (of !== 'releases') {
    await files.own(folder, user)
    return files.give(folder, user, of === 'files' ? 0o750 : 0o700)
  }
  if (user !== null) await files.own(folder, 'root')
  for (const release of (await source(folder).names('.')) ?? [])
    if (await files.exists(join(folder, release, 'tree')))
      await files.own(join(folder, release, 'tree'), user)
  await files.protect(folder, user)
  await files.give(folder, null, 0o711)
}
