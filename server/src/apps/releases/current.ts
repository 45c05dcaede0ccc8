import { type App, currentRelease } from '../app/app.ts'
import type { AppStore } from '../app/store.ts'
import type { Release } from './release.ts'
import type { ReleaseStore } from './store.ts'

/** Every app that serves, each with the release whose configuration holds for it. */
export async function currentReleases({
  apps,
  releases,
}: {
  apps: Pick<AppStore, 'all'>
  releases: Pick<ReleaseStore, 'find'>
}): Promise<Array<{ app: App; release: Release }>> {
  const found = await Promise.all(
    (await apps.all()).map(async app => {
      const id = currentRelease(app)
      const release = id === null ? null : await releases.find(app.name, id)
      return release === null ? [] : [{ app, release }]
    }),
  )
  return found.flat()
}
