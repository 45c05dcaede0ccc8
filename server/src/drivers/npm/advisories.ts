import type { Advisory, Installed } from '../../watch/security/packages.ts'
import { addressed, request } from '../host/http.ts'

const PUBLIC = 'https://registry.npmjs.org/'
const LONGEST_MS = 15_000
const MOST_BYTES = 8 * 1024 ** 2

type Network = Readonly<Record<string, string>>

/** The registry that npm asks on this server. */
export const registryOf = (network: Network): string =>
  network['npm_config_registry'] ?? network['NPM_CONFIG_REGISTRY'] ?? PUBLIC

/** Asks a registry as `npm audit` does: it gets names and versions, and tells what is known of them. */
export async function advisories(
  network: Network,
  installed: Installed,
): Promise<Readonly<Record<string, readonly Advisory[]>>> {
  const registry = registryOf(network)
  const proxy = network['https_proxy'] ?? network['HTTPS_PROXY']
  if (proxy !== undefined && registry.startsWith('https:'))
    throw new Error(
      'the registry is reached by a proxy, which is not asked here: npm audit, in the repository, goes by it',
    )
  const { status, body } = await request({
    ...addressed(new URL('-/npm/v1/security/advisories/bulk', registry.replace(/\/?$/, '/')).href),
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(installed),
    ...{ timeoutMs: LONGEST_MS, maxBytes: MOST_BYTES },
  }).catch((error: Error) => {
    throw new Error(`the registry does not answer (${error.message})`)
  })
  if (status !== 200)
    throw new Error(`the registry ${registry} does not tell of holes (it answers ${status})`)
  return read(body)
}

function read(body: string): Record<string, Advisory[]> {
  const told = JSON.parse(body) as Record<string, unknown>
  return Object.fromEntries(
    Object.entries(told).flatMap(([name, some]) => (Array.isArray(some) ? [[name, some.map(advisory)]] : [])),
  )
}

const advisory = (one: Record<string, unknown>): Advisory => ({
  title: String(one['title']),
  severity: String(one['severity']),
  url: String(one['url']),
  vulnerable: String(one['vulnerable_versions'] ?? '*'),
})
