import { readFileSync } from 'node:fs'

const NAMES = [
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'npm_config_registry',
  'NPM_CONFIG_REGISTRY',
  // Where node-gyp has the headers of Node.js from, without which nothing native is compiled.
  'npm_config_disturl',
  'npm_config_nodedir',
] as const

/** The variables of an environment that say how the network is reached: proxies, certificates, the registry, the headers of Node.js. */
export function networkEnv(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(NAMES.flatMap(name => (env[name] ? [[name, env[name]]] : [])))
}

/** Whether this machine speaks IPv6: a kernel without it refuses to listen there. */
export function hasIPv6(): boolean {
  try {
    return readFileSync('/proc/net/if_inet6', 'utf8').trim() !== ''
  } catch {
    return false
  }
}
