import { type AppConfig, serviceOf } from '../../config/config.ts'

/**
 * What must not stand in a log of a service, by the name of its variable: values that were given or generated, and
 * passwords in URLs. What innkeeper.yaml itself says is no secret.
 */
export function hiddenOf(
  config: AppConfig,
  service: string,
  env: Readonly<Record<string, string>>,
): Record<string, string[]> {
  const said = { ...config.env, ...serviceOf(config, service).env }
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
