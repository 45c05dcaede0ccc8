import { describe } from '../../kernel/failure.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { App } from '../app/app.ts'
import { isBuilt, type Release } from '../releases/release.ts'
import { prunable } from '../releases/rule.ts'
import type { Accounts, Machine, Records, Trees } from './ports.ts'
import type { DeployStep } from './step.ts'

type PrunePorts = Records &
  Pick<Accounts, 'account'> &
  Pick<Machine, 'jobReleases'> & { files: Pick<Trees, 'remove' | 'share' | 'sizes'> }

/** Removes files of releases that nobody can go back to any more, and stores once what those that are left have in common. */
export async function prune(
  ports: PrunePorts,
  step: Extract<DeployStep, { kind: 'releases.prune' }>,
): Promise<string> {
  const app = (await ports.apps.find(step.app))!
  const used = await usedBy(ports, app)
  const all = await ports.releases.list(app.name)
  const gone = prunable(all, step.keep, used)
  for (const release of gone) {
    await ports.files.remove(ports.home.app(app.name).release(release.id).root)
    await ports.releases.set(app.name, release.id, { state: 'pruned' })
  }
  const left = all.filter(release => !gone.includes(release))
  const removed = gone.length === 0 ? [] : [`removed the files of ${list(gone.map(r => r.id))}`]
  const said = [...removed, ...(await shared(ports, left, used))]
  return said.length === 0 ? 'nothing to remove' : said.join('; ')
}

async function usedBy({ apps, jobReleases }: PrunePorts, { name, live, warm }: App): Promise<Set<string>> {
  const running = await apps.retirements(name)
  const serving = [...Object.values(live), ...Object.values(warm), ...running].map(one => one.release)
  return new Set([...serving, ...(await jobReleases(name))])
}

/** `all`: newest first; `used`: those that serve, or may in a moment. */
async function shared(
  ports: PrunePorts,
  all: readonly Release[],
  used: ReadonlySet<string>,
): Promise<string[]> {
  const built = all.filter(isBuilt)
  const [newest, before] = built
  if (newest === undefined) return []
  const at = ({ app, id }: Release) => ports.home.app(app).release(id).root
  const run = new Set(all.filter(r => used.has(r.id)).flatMap(r => Object.values(r.artifacts)))
  const idle = built.filter(r => r !== newest && !run.has(r.id))
  const sharing = {
    newer: at(newest),
    earlier: before === undefined ? null : at(before),
    idle: idle.map(at),
    account: await ports.account(newest.app),
  }
  const bytes = await ports.files.share(sharing).catch((error: unknown) => describe(error))
  const oldestFirst = built.toReversed()
  const sizes = await ports.files.sizes(oldestFirst.map(at))
  for (const [n, { app, id }] of oldestFirst.entries())
    await ports.releases.set(app, id, { sizeBytes: sizes[n]! })
  if (typeof bytes !== 'number') return [`${bytes.what}: ${bytes.why}`]
  return bytes === 0 ? [] : [`${showSize(bytes)} of ${newest.id} and ${before!.id} are stored once`]
}
