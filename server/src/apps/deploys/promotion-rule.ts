import type { AppConfig } from '../../config/config.ts'
import { showSize } from '../../kernel/sizes.ts'
import { list } from '../../kernel/words.ts'
import type { App } from '../app/app.ts'
import { recipesOf } from '../releases/build-key.ts'
import type { Release } from '../releases/release.ts'

/** Whether all services of an app serve this release, with files of one build: nothing else is promoted. */
export const isWhole = ({ live }: Pick<App, 'live'>, { id, artifacts }: Release): boolean =>
  Object.values(live).every(on => on.release === id) && new Set(Object.values(artifacts)).size === 1

interface Built {
  config: AppConfig
  secrets: Readonly<Record<string, string>>
}

/** What builds of two environments would see differently: `web: buildEnv.PUBLIC_URL`. Values are not told. */
export function unequalBuilds(one: Built, two: Built): string[] {
  const [a, b] = [leaves(byName(recipesOf(one))), leaves(byName(recipesOf(two)))]
  return [...new Set([...a.keys(), ...b.keys()])].filter(path => a.get(path) !== b.get(path)).sort()
}

interface Promotion {
  /** What is promoted. */
  from: Release
  /** Its configuration in the environment that gets it. */
  config: AppConfig
  /** What serves there now; null: nothing. */
  now: Release | null
  /** Migrations that were applied where it comes from. */
  applied: readonly string[]
  /** And where it goes to. */
  known: readonly string[]
}

/** Most keys that are named one by one. */
const MOST_KEYS = 12

/** What a person should see before it begins: commits, keys of the file, migrations, size. */
export function promotionNotices({ from, config, now, applied, known }: Promotion): string[] {
  const pending = applied.filter(name => !known.includes(name))
  const changed = now === null ? [] : changedKeys(now.config, config)
  const size = from.sizeBytes === null ? '' : `, ${showSize(from.sizeBytes)}`
  return [
    `${from.id} of ${from.app}: ${from.commit ?? 'not from git'}${size}`,
    now === null ? 'nothing serves there yet' : `instead of ${now.id}: ${now.commit ?? 'not from git'}`,
    ...(changed.length === 0 ? [] : [`changed in innkeeper.yaml: ${shortened(changed)}`]),
    ...(pending.length === 0 ? [] : [`migrations that were applied there, and not here: ${list(pending)}`]),
  ]
}

function shortened(keys: readonly string[]): string {
  const left = keys.length - MOST_KEYS
  return left > 0 ? `${keys.slice(0, MOST_KEYS).join(', ')} and ${left} more` : keys.join(', ')
}

/** Keys that are not the same in two configurations, with plain values before and after. */
export function changedKeys(before: AppConfig, after: AppConfig): string[] {
  const [a, b] = [before, after].map(({ services, ...rest }) =>
    leaves({ ...rest, services: byName(services) }),
  )
  const paths = [...new Set([...a!.keys(), ...b!.keys()])].filter(path => a!.get(path) !== b!.get(path))
  return paths.sort().map(path => `${path} (${a!.get(path) ?? 'none'} → ${b!.get(path) ?? 'none'})`)
}

const byName = <T extends { name: string }>(all: readonly T[]): Record<string, T> =>
  Object.fromEntries(all.map(one => [one.name, one]))

/** Every value that is no mapping, by its path, as JSON. */
function leaves(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map(value === undefined ? [] : [[path, JSON.stringify(value)]])
  return new Map(
    Object.entries(value).flatMap(([key, inner]) => [...leaves(inner, path === '' ? key : `${path}.${key}`)]),
  )
}

/** Whether what a release says of its commit (its short name and its subject) is of the one with this name. */
export function isCommit(said: string | null, name: string): boolean {
  const short = said?.split(' ')[0] ?? ''
  return /^[0-9a-f]{7,}$/.test(short) && (name.startsWith(short) || short.startsWith(name))
}
