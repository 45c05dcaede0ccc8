import type { App } from '../app/app.ts'
import { builtIn, isBuilt, type Release } from './release.ts'

export interface Room {
  memoryAvailable: number
  diskFree: number
  diskTotal: number
}

const MB = 1024 ** 2
/** Bytes that are kept free for the services, whatever a build asks for; and what it gets at least where that is free and nothing is asked for. */
export const RESERVE = { memory: 256 * MB, smallestBuild: 384 * MB, disk: 1024 * MB, usualBuild: 2048 * MB }

export type Admission = { memoryBytes: number } | { refused: 'memory' | 'disk'; have: number; need: number }

/** Decides whether a build may begin and how much memory it may take, so that the services keep what they need. */
export function admitBuild(
  room: Room,
  wanted: { buildMemory: number | undefined; lastReleaseBytes: number },
): Admission {
  const diskNeed = Math.max(RESERVE.disk, Math.ceil(room.diskTotal * 0.02)) + wanted.lastReleaseBytes * 2
  if (room.diskFree < diskNeed) return { refused: 'disk', have: room.diskFree, need: diskNeed }
  const asked = wanted.buildMemory ?? Math.max(RESERVE.usualBuild, room.memoryAvailable / 2)
  const may = Math.floor(Math.min(asked, room.memoryAvailable - RESERVE.memory))
  if (may < Math.min(RESERVE.smallestBuild, asked)) {
    return { refused: 'memory', have: room.memoryAvailable, need: RESERVE.memory + RESERVE.smallestBuild }
  }
  return { memoryBytes: may }
}

/** Service → release whose files it runs now. */
export const artifactsNow = (app: Pick<App, 'live'>, releases: readonly Release[]): Release['artifacts'] =>
  Object.fromEntries(
    Object.entries(app.live).flatMap(([service, { release }]) => {
      const files = releases.find(r => r.id === release)?.artifacts[service]
      return files === undefined ? [] : [[service, files]]
    }),
  )

/**
 * The release whose files serve for a source whose builds see the same: of the newest release of that key, the one that
 * built them. null: there is none.
 */
export function sameBuild(releases: readonly Release[], key: string): Release | null {
  const [twin] = releases
    .filter(r => r.state === 'ready' && r.buildKey === key)
    .sort((a, b) => b.number - a.number)
  const built = twin === undefined ? undefined : releases.find(r => r.id === builtIn(twin))
  return built?.state === 'ready' ? built : null
}

/** Bytes of the largest release whose files are there: about what the next one takes. What releases share counts for the oldest alone. */
export const largest = (releases: readonly Release[]): number =>
  Math.max(0, ...releases.filter(isBuilt).map(r => r.sizeBytes ?? 0))

/**
 * Releases whose files may be removed: older than the last `keep` good ones, not the newest of one of the last `keep` builds
 * (other secrets alone make a release of the same files), and not in use (live, warm, or the source of another release's files).
 */
export function prunable(releases: readonly Release[], keep: number, used: ReadonlySet<string>): Release[] {
  const newest = [...releases].sort((a, b) => b.number - a.number)
  const ready = newest.filter(r => r.state === 'ready')
  const ofBuild = ready.filter((one, n) => ready.findIndex(r => builtIn(r) === builtIn(one)) === n)
  const kept = [...ready.slice(0, keep), ...ofBuild.slice(0, keep)]
  const needed = new Set([...used, ...kept.map(r => r.id)])
  for (const release of newest.filter(r => needed.has(r.id)))
    for (const id of Object.values(release.artifacts)) needed.add(id)
  // A failed release has only its log left, which somebody may still want to read.
  return newest.filter(r => !needed.has(r.id) && r.state === 'ready')
}
