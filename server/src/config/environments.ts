import { PREVIEW, PRODUCTION, previewOf } from './app-key.ts'
import type { CrossProblem } from './problem.ts'
import { isChoice } from './walk.ts'

type Mapping = Record<string, unknown>

/** What only one environment can have: two apps that answer for one name would take each other's visitors. Only what serves people has a page that tells them. */
const OF_PRODUCTION = ['domains', 'redirects', 'statusPage']

const isMapping = (value: unknown): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const has = (value: Mapping, key: string): boolean => Object.hasOwn(value, key)

/** Names of the environments that a file has, `production` first. */
export function environmentsOf(value: unknown): string[] {
  const named = isMapping(value) && isMapping(value['environments']) ? Object.keys(value['environments']) : []
  return [PRODUCTION, ...named.filter(name => name !== PRODUCTION)]
}

/**
 * The file as one environment has it: what `environments.NAME` says lies over the rest. Mappings are merged by key, all
 * else takes the place of what was there, and null takes it away. `environments` stays, so that its form is checked. Each
 * preview has what the file says of `preview`.
 */
export function inEnvironment(value: unknown, environment: string): unknown {
  if (!isMapping(value)) return value
  const all = value['environments']
  const written = previewOf(environment) === null ? environment : PREVIEW
  const own = isMapping(all) && has(all, written) ? all[written] : undefined
  const shared =
    environment === PRODUCTION
      ? value
      : Object.fromEntries(Object.entries(value).filter(([key]) => !OF_PRODUCTION.includes(key)))
  return isMapping(own) ? over(shared, own, []) : shared
}

function over(below: Mapping, above: Mapping, path: readonly string[]): Mapping {
  const merged = new Map(Object.entries(below))
  for (const [key, value] of Object.entries(above)) {
    const at = [...path, key]
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isMapping(value) && isMapping(before) && !isChoice(at)) merged.set(key, over(before, value, at))
    else merged.set(key, value)
  }
  return Object.fromEntries(merged)
}

/** Problems that a single environment cannot show: it is not there, or it would work on what belongs to production. */
export function environmentProblems(value: unknown, environment: string): CrossProblem[] {
  if (!isMapping(value)) return []
  const names = environmentsOf(value)
  if (!isOfPreviews(environment) && !names.includes(environment))
    return [{ path: ['environments'], message: absent(environment, names) }]
  return [...keysOfAll(value), ...(environment === PRODUCTION ? unkept(value) : shared(value, environment))]
}

/** What an environment is decides this: production has the data of people. */
function unkept(value: Mapping): CrossProblem[] {
  const production = inEnvironment(value, PRODUCTION) as Mapping
  if (production['backups'] !== false) return []
  return [
    {
      path: ['backups'],
      message: 'production is always backed up: write false below environments.NAME for another one',
    },
  ]
}

/** A file needs not say anything of previews. */
const isOfPreviews = (environment: string): boolean =>
  environment === PREVIEW || previewOf(environment) !== null

function absent(environment: string, names: readonly string[]): string {
  const others = names.filter(name => name !== PRODUCTION)
  const there = others.length === 0 ? 'names none' : `has ${others.join(', ')}`
  return `there is no environment ${environment}, the file ${there}: add ${environment}: {} below environments`
}

/** Keys that make no sense below an environment. */
function keysOfAll(value: Mapping): CrossProblem[] {
  const all = value['environments']
  if (!isMapping(all)) return []
  return Object.entries(all).flatMap(([name, own]) => [
    ...['name', 'environments', 'previews']
      .filter(key => isMapping(own) && has(own, key))
      .map(key => ({
        path: ['environments', name, key],
        message: 'is the same in all environments: take it out here',
      })),
    ...(previewOf(name) === null
      ? []
      : [
          {
            path: ['environments', name],
            message: `this is what a preview is called: ${PREVIEW}: says what all previews have`,
          },
        ]),
  ])
}

/** A database or a Redis that is written out is of one environment alone. */
function shared(value: Mapping, environment: string): CrossProblem[] {
  const merged = inEnvironment(value, environment) as Mapping
  const production = inEnvironment(value, PRODUCTION) as Mapping
  return ['database', 'redis'].flatMap(key => {
    const [before, now] = [production[key], merged[key]].map(one => (isMapping(one) ? one['url'] : undefined))
    if (typeof now !== 'string' || now !== before) return []
    const message = `${environment} would work on the ${key} of production: write ${key}: below environments.${environment}, or url: { from: NAME }, whose value each environment has for itself`
    return [{ path: [key, 'url'], message }]
  })
}
