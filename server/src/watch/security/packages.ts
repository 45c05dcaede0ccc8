import type { Severity } from './wire.ts'

/** Name → versions that an app has installed. */
export type Installed = Readonly<Record<string, readonly string[]>>

/** What a registry tells of a package. */
export interface Advisory {
  title: string
  severity: string
  url: string
  /** Ranges of versions, as `>=4.0.0 <4.17.21 || <3.10.2`. */
  vulnerable: string
}

/** A version that an app runs, and what is told of it. */
export interface Hole {
  package: string
  version: string
  title: string
  severity: Severity
  url: string
}

/** More than any app has, so that a file made for it asks a registry for no more. */
const MOST = 5_000

const NAME = /^(@[\w.-]{1,214}\/)?[\w.-]{1,214}$/
const VERSION = /^\d[\w.+-]{0,63}$/

interface Locked {
  version?: string
  dev?: boolean
  link?: boolean
  resolved?: string
  name?: string
}

/** The packages of a package-lock.json of npm 7 and newer that are of this registry or the public one, without those for development; null: it is no such file. */
export function lockedPackages(text: string, registry: string): Installed | null {
  const packages = parsed(text)
  if (packages === null) return null
  const found: Record<string, Set<string>> = Object.create(null)
  for (const [path, one] of Object.entries(packages).slice(0, MOST)) {
    const name = one.name ?? path.split('node_modules/').at(-1)!
    // What comes from elsewhere (a folder, git, a registry of one's own) is nobody's business.
    const known = path.includes('node_modules/') && isPublic(one.resolved ?? '', registry)
    if (!known || one.dev === true || one.link === true) continue
    // Who wrote the file could have written anything.
    if (!NAME.test(name) || !VERSION.test(one.version ?? '')) continue
    found[name] = (found[name] ?? new Set()).add(one.version!)
  }
  return Object.fromEntries(Object.entries(found).map(([name, versions]) => [name, [...versions]]))
}

const isPublic = (resolved: string, registry: string): boolean => {
  const host = URL.parse(resolved)?.host ?? ''
  return host === 'registry.npmjs.org' || (host !== '' && host === URL.parse(registry)?.host)
}

/** What several lockfiles have. */
export const together = (all: readonly Installed[]): Installed => {
  const names = [...new Set(all.flatMap(Object.keys))]
  const versions = (name: string) => [
    ...new Set(all.flatMap(one => (Object.hasOwn(one, name) ? one[name]! : []))),
  ]
  return Object.fromEntries(names.map(name => [name, versions(name)]))
}

function parsed(text: string): Record<string, Locked> | null {
  try {
    const { packages } = JSON.parse(text) as { packages?: Record<string, Locked> }
    return typeof packages === 'object' && packages !== null ? packages : null
  } catch {
    return null
  }
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  critical: 'critical',
  high: 'high',
  moderate: 'medium',
  low: 'low',
}

/** What is told of versions that are installed. */
export const holesIn = (installed: Installed, told: Readonly<Record<string, readonly Advisory[]>>): Hole[] =>
  Object.entries(told).flatMap(([name, advisories]) =>
    (Object.hasOwn(installed, name) ? installed[name]! : []).flatMap(version =>
      advisories
        .filter(({ vulnerable }) => isWithin(version, vulnerable))
        .map(({ title, severity, url }) => ({
          ...{ package: name, version, title, url },
          severity: SEVERITIES[severity] ?? 'medium',
        })),
    ),
  )

/** Whether a version is in ranges of comparators. What cannot be read is taken for yes: the registry named it. */
export function isWithin(version: string, ranges: string): boolean {
  const of = numbersOf(version)
  if (of === null) return true
  return ranges.split('||').some(range => {
    const all = [...range.trim().matchAll(/(>=|<=|>|<|=)?\s*v?([^\s<>=,]+)/g)]
    return all.every(([, sign = '=', bound]) => {
      const than = numbersOf(bound!)
      return bound === '*' || than === null || holds(compared(of, than), sign)
    })
  })
}

interface Numbers {
  numbers: readonly number[]
  /** What stands behind `-`; null: it is a release. */
  before: string | null
}

function numbersOf(version: string): Numbers | null {
  const [, a, b = '0', c = '0', before] = /^(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([^+]+))?/.exec(version) ?? []
  return a === undefined ? null : { numbers: [a, b, c].map(Number), before: before ?? null }
}

/** Below 0: the first one is older. */
function compared(one: Numbers, other: Numbers): number {
  const n = one.numbers.findIndex((number, i) => number !== other.numbers[i])
  if (n >= 0) return one.numbers[n]! - other.numbers[n]!
  if (one.before === other.before) return 0
  if (one.before === null || other.before === null) return one.before === null ? 1 : -1
  return one.before.localeCompare(other.before, 'en', { numeric: true })
}

const holds = (order: number, sign: string): boolean =>
  order === 0 ? sign.includes('=') : order < 0 ? sign.startsWith('<') : sign.startsWith('>')
