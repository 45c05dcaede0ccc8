import { synchronousFolder } from '../config/backups.ts'
import type { AppConfig } from '../config/config.ts'
import { Secret } from '../kernel/secret.ts'
import { type FolderPlace, type Place, placeAddress } from './place.ts'

/** What is to be kept of one app, as its live release says. */
export interface Covered {
  app: string
  config: AppConfig
  secrets: Readonly<Record<string, string>>
}

/** Where the server's backups go, how long they stay, and when they are due: what all apps ask for, together. */
export interface Policy {
  places: Place[]
  keep: { daily: number; weekly: number; monthly: number }
  /** Cron patterns. */
  schedules: string[]
  /** Where each commit goes at once; null: nobody asks for it. */
  receive: Receive | null
}

export interface Receive {
  place: FolderPlace
  /** Whose commits wait for it. */
  apps: string[]
  /** Who wants theirs at another place: there is one log, and it is waited for at one place. */
  elsewhere: string[]
}

const DEFAULT = { daily: 30, weekly: 12, monthly: 12 }

/**
 * One cluster serves all apps, so each place holds what is of all, as long as the most careful of them asks. `warm`: what
 * still runs, and may be returned to.
 */
export function policyOf(apps: readonly Covered[], folder: string, warm: readonly Covered[] = []): Policy {
  const asked = apps.flatMap(app => placesOf(app, folder))
  const local: Place = { kind: 'folder', name: 'local', path: folder }
  const places: Place[] = []
  for (const place of apps.length === 0 ? [local] : asked) {
    if (places.some(known => placeAddress(known) === placeAddress(place))) continue
    const taken = new Set(places.map(known => known.name))
    const name = [place.name, ...Array.from({ length: 99 }, (_, n) => `${place.name}-${n + 2}`)].find(
      free => !taken.has(free),
    )!
    places.push({ ...place, name })
  }
  const keeps = apps.map(app => app.config.backups.keep)
  const most = (key: keyof typeof DEFAULT) =>
    keeps.length === 0 ? DEFAULT[key] : Math.max(...keeps.map(keep => keep[key]))
  return {
    places,
    keep: { daily: most('daily'), weekly: most('weekly'), monthly: most('monthly') },
    schedules: [...new Set(apps.map(app => app.config.backups.schedule))],
    receive: receiveOf(apps, warm),
  }
}

function receiveOf(apps: readonly Covered[], warm: readonly Covered[]): Receive | null {
  const placeOf = (config: AppConfig): FolderPlace | null => {
    const folder = synchronousFolder(config)
    return folder === null ? null : { kind: 'folder', ...folder }
  }
  const asked = apps.map(({ app, config }) => ({ app, place: placeOf(config) }))
  const place = [...asked.map(a => a.place), ...warm.map(w => placeOf(w.config))].find(p => p !== null)
  if (place == null) return null
  const of = (here: boolean) =>
    asked.filter(a => a.place !== null && (a.place.path === place.path) === here).map(a => a.app)
  return { place, apps: of(true), elsewhere: of(false) }
}

function placesOf({ config, secrets }: Covered, folder: string): Place[] {
  const { where } = config.backups
  if (where === undefined) return [{ kind: 'folder', name: 'local', path: folder }]
  const value = (given: string | { from: string }) =>
    typeof given === 'string' ? given : (secrets[given.from] ?? '')
  return Object.entries(where).map(([name, place]) => {
    if ('folder' in place) return { kind: 'folder', name, path: place.folder }
    const { s3 } = place
    return {
      kind: 's3',
      name,
      endpoint: s3.endpoint,
      region: s3.region,
      bucket: s3.bucket,
      prefix: s3.prefix,
      keyId: value(s3.keyId),
      secret: new Secret(value(s3.secret)),
      ca: s3.ca ?? null,
    }
  })
}
