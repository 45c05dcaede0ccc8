import { currentRelease } from '../../apps/app/app.ts'
import { currentReleases } from '../../apps/releases/current.ts'
import type { AppConfig } from '../../config/config.ts'
import { type Covered, keeperPolicy, type Policy, policyOf } from '../places/policy.ts'
import type { Subject } from './plan.ts'
import type { Folders, Records } from './ports.ts'

type Ports = Records & Pick<Folders, 'home'>

async function coveredNow({ apps, releases }: Pick<Ports, 'apps' | 'releases'>): Promise<Covered[]> {
  const all = (await currentReleases({ apps, releases })).map(async ({ app: { name }, release }) => {
    return { app: name, config: release.config, secrets: await apps.secrets(name) }
  })
  return Promise.all(all)
}

/** Of an app of which no release serves: nothing is backed up. */
const NOTHING: Policy = {
  places: [],
  on: true,
  keep: { daily: 30, weekly: 12, monthly: 12 },
  schedule: '0 2 * * *',
  receive: null,
}

/** The policy that the current release of an app asks for. */
export async function policyNow({ apps, releases, home }: Ports, app: string): Promise<Policy> {
  const id = currentRelease(await apps.find(app))
  const release = id === null ? null : await releases.find(app, id)
  if (release === null) return NOTHING
  return policyOf({ app, config: release.config, secrets: await apps.secrets(app) }, home.backups)
}

/** The policy for the keeper's own state, by the current releases of all apps. */
export const keeperPolicyNow = async (ports: Ports): Promise<Policy> =>
  keeperPolicy(await coveredNow(ports), ports.home.backups)

type Kept = Pick<Subject, 'files' | 'redis' | 'dump'>

const keptOf = (config: AppConfig): Kept => ({
  files: config.backups.files && config.services.some(s => s.persist.length > 0),
  redis: config.backups.redis && config.redis === true,
  dump:
    config.backups.on &&
    (config.database?.url !== undefined || (config.database?.postgres === true && config.backups.dump)),
})

/** What of each app is to be backed up beside its cluster, as its current release says. */
export async function keptApps(ports: Pick<Ports, 'apps' | 'releases'>): Promise<Map<string, Kept>> {
  return new Map((await currentReleases(ports)).map(({ app, release }) => [app.name, keptOf(release.config)]))
}
