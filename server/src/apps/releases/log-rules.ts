import { type AppConfig, type Env, serviceOf } from '../../config/config.ts'
import { TOKEN_VARIABLE } from '../../config/messages.ts'
import type { Release } from './release.ts'

/** What becomes of the lines of a service before they reach the disk. */
export const logRulesOf = (
  { config, previous = {} }: Pick<Release, 'config' | 'previous'>,
  service: string,
  env: Readonly<Record<string, string>>,
) => ({
  secrets: hiddenIn({ ...OURS, ...earlier(previous), ...config.env, ...serviceOf(config, service).env }, env),
  keep: keptOf(serviceOf(config, service).logging ?? config.logging),
})

/** What innkeeper.yaml does not name, because we give it. */
const OURS: Env = { [TOKEN_VARIABLE]: { from: TOKEN_VARIABLE } }

const earlier = (previous: Readonly<Record<string, string>>): Env =>
  Object.fromEntries(Object.keys(previous).map(name => [name, { from: name }]))

/** The share that is kept of each level; a level of which all is kept is not named. */
function keptOf({ level = 'debug', sample = {} }: Partial<AppConfig['logging']> = {}) {
  const debug = level === 'debug' ? (sample.debug ?? 1) : 0
  const info = level === 'warn' ? 0 : (sample.info ?? 1)
  return { ...(debug < 1 ? { debug } : {}), ...(info < 1 ? { info } : {}) }
}

/**
 * What must not stand in a log of a program with this environment, by the name of its variable: values that were given
 * or generated, and passwords in URLs. What innkeeper.yaml itself says is no secret. `said`: what it says.
 */
export function hiddenIn(said: Env, env: Readonly<Record<string, string>>): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => {
      const written = said[name]
      const given = typeof written === 'object' && isSecret(written)
      const hidden = [...(given ? [value] : []), ...passwordIn(value)]
      return hidden.length === 0 ? [] : [[name, hidden]]
    }),
  )
}

type Written = Exclude<AppConfig['env'][string], string>

/** A url is no secret as a whole: its host and its name may be said. */
function isSecret(written: Written): boolean {
  if ('database' in written) return written.database === 'password'
  if ('redis' in written) return written.redis === 'password'
  return true
}

/** The password of a URL as it stands there, and as it is meant. */
function passwordIn(value: string): string[] {
  const { password = '' } = URL.parse(value) ?? {}
  if (password === '') return []
  try {
    return [...new Set([password, decodeURIComponent(password)])]
  } catch {
    return [password]
  }
}
