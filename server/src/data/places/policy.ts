import { synchronousFolder } from '../../config/backups.ts'
import type { AppConfig } from '../../config/config.ts'
import { givenIn } from '../../config/given.ts'
import { Secret } from '../../kernel/secret.ts'
import { type FolderPlace, type Place, placeAddress } from './place.ts'

/** An app with the configuration that says what to back up. */
export interface Covered {
  app: string
  config: AppConfig
  secrets: Readonly<Record<string, string>>
}

/** Where the backups of an app, or of the keeper itself, go, how long they stay and when they are due. */
export interface Policy {
  places: Place[]
  /** false: nothing is backed up, and the write-ahead log is kept nowhere. */
  on: boolean
  keep: { daily: number; weekly: number; monthly: number }
  /** A cron pattern. */
  schedule: string
  /** The second place that each commit of the app waits for (`rpo: 0`); null: it does not ask for it. */
  receive: FolderPlace | null
}

const DEFAULT = { daily: 30, weekly: 12, monthly: 12 }

/** What an app asks for. `folder`: the default place. */
export function policyOf(app: Covered, folder: string): Policy {
  const { backups } = app.config
  const places = placesOf(app, folder)
  return {
    places,
    on: backups.on,
    keep: backups.keep,
    schedule: scheduleOf(app),
    receive: receiveOf(app, places),
  }
}

/** The keeper's own state goes to every place that an app has, for the longest time that an app asks for. */
export function keeperPolicy(apps: readonly Covered[], folder: string): Policy {
  const asked = apps.flatMap(app => placesOf(app, folder))
  const local: Place = { kind: 'folder', name: 'local', path: folder }
  const places: Place[] = []
  for (const place of asked.length === 0 ? [local] : asked) {
    if (places.some(known => placeAddress(known) === placeAddress(place))) continue
    const taken = new Set(places.map(known => known.name))
    const name = [place.name, ...Array.from({ length: 99 }, (_, n) => `${place.name}-${n + 2}`)].find(
      free => !taken.has(free),
    )!
    places.push({ ...place, name })
  }
  const keeps = apps.filter(app => app.config.backups.on).map(app => app.config.backups.keep)
  const most = (key: keyof typeof DEFAULT) =>
    keeps.length === 0 ? DEFAULT[key] : Math.max(...keeps.map(keep => keep[key]))
  const keep = { daily: most('daily'), weekly: most('weekly'), monthly: most('monthly') }
  return { places, on: true, keep, schedule: KEEPER_SCHEDULE, receive: null }
}

/** Each app's backup takes the keeper's state along. Of its own, the keeper takes it once a day, after those of the night. */
const KEEPER_SCHEDULE = '30 5 * * *'

/** The pattern of the file; by default a time between 1:00 and 4:59 that follows from the name of the app, so that many apps do not begin at one minute. */
function scheduleOf({ app, config }: Covered): string {
  if (config.backups.schedule !== undefined) return config.backups.schedule
  let sum = 0
  for (const letter of app) sum = (sum * 31 + letter.charCodeAt(0)) % (4 * 60)
  return `${sum % 60} ${1 + Math.floor(sum / 60)} * * *`
}

/** Addresses of places that a release of an app would add. `known`: the places of all apps; `own`: what the app asks for now. */
export function newPlaces(
  { known, own }: { known: readonly Place[]; own: Policy },
  app: Covered,
  folder: string,
): string[] {
  const addresses = new Set([folder, ...known.map(placeAddress)])
  const waits = synchronousFolder(app.config)?.path
  // Making commits wait for a folder counts as adding a place.
  const streamed = waits === undefined || waits === own.receive?.path ? [] : [`${waits} (rpo: 0)`]
  return [
    ...placesOf(app, folder)
      .map(placeAddress)
      .filter(address => !addresses.has(address)),
    ...streamed,
  ]
}

function receiveOf({ config }: Covered, places: readonly Place[]): FolderPlace | null {
  const folder = synchronousFolder(config)
  const place = places.find(p => p.kind === 'folder' && p.path === folder?.path)
  return place?.kind === 'folder' ? place : null
}

function placesOf({ config, secrets }: Covered, folder: string): Place[] {
  const { where } = config.backups
  if (where === undefined) return [{ kind: 'folder', name: 'local', path: folder }]
  const value = (given: string | { from: string }) => givenIn(given, secrets)
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
