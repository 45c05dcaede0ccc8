import { currentReleases } from '../../apps/releases/current.ts'
import { type Policy, policyOf } from '../places/policy.ts'
import type { Subject } from './plan.ts'
import type { BackupPorts } from './ports.ts'

type Ports = Pick<BackupPorts, 'apps' | 'releases' | 'home'>

/** The policy for backups that the current releases of all apps ask for together. */
export async function policyNow({ apps, releases, home }: Ports): Promise<Policy> {
  const covered = (await currentReleases({ apps, releases })).map(async ({ app: { name }, release }) => {
    return { app: name, config: release.config, secrets: await apps.secrets(name) }
  })
  return policyOf(await Promise.all(covered), home.backups)
}

/** What to back up of each app, as its current release says. */
export async function keptApps(ports: Pick<Ports, 'apps' | 'releases'>): Promise<Subject['apps']> {
  return (await currentReleases(ports)).map(({ app: { name }, release: { config } }) => ({
    name,
    files: config.backups.files && config.services.some(s => s.persist.length > 0),
    redis: config.backups.redis && config.redis === true,
    dump: config.database?.url !== undefined || (config.database?.postgres === true && config.backups.dump),
  }))
}
