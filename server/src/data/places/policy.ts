import { synchronousFolder } from '../../config/backups.ts'
import type { AppConfig } from '../../config/config.ts'
import { Secret } from '../../kernel/secret.ts'
import { type FolderPlace, type Place, placeAddress } from './place.ts'

/** An app with the configuration that says what to back up. */
export interface Covered {
  app: string
  config: AppConfig
  secrets: Readonly<Record<string, string>>
}

/** Where the server's backups go, how long they stay and when they are due: what all apps together ask for. */
export interface Policy {
  places: Place[]
  keep: { daily: number; weekly: number; monthly: number }
  /** Cron patterns. */
  schedules: string[]
  /** The second place that each commit waits for (`rpo: 0`); null: no app asks for it. */
  receive: Receive | null
}

export interface Receive {
  place: FolderPlace
  /** Apps that ask for it. There is one WAL for all apps, so the commits of all others wait as well. */
  apps: string[]
}

const DEFAULT = { daily: 30, weekly: 12, monthly: 12 }

/** Merges what all apps ask for. One cluster serves them all, so each place holds data of all, for the longest time that an app asks for. */
export function policyOf(apps: readonly Covered[], folder: string): Policy {
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
    receive: receiveOf(apps, places),
  }
}

/** Addresses of places that an app would add to those that are in use now. */
export function newPlaces(policy: Policy, app: Covered, folder: string): string[] {
  const known = new Set(policy.places.map(placeAddress))
  const waits = synchronousFolder(app.config)?.path
  // Making all commits of the server wait for a folder counts as adding a place.
  const streamed = waits === undefined || waits === policy.receive?.place.path ? [] : [`${waits} (rpo: 0)`]
  return [
    ...placesOf(app, folder)
      .map(placeAddress)
      .filter(address => !known.has(address)),
    ...streamed,
  ]
}

function receiveOf(apps: readonly Covered[], places: readonly Place[]): Receive | null {
  const asked = apps.flatMap(({ app, config }) => {
    const folder = synchronousFolder(config)
    return folder === null ? [] : [{ app, path: folder.path }]
  })
  const place = places.find(p => p.kind === 'folder' && p.path === asked[0]?.path)
  if (place?.kind !== 'folder') return null
  return { place, apps: asked.filter(a => a.path === place.path).map(a => a.app) }
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
