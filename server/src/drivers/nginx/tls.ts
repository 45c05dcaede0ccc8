import { isIPv4 } from 'node:net'
import { namesOf, type Site } from '../../reach/edge/edge.ts'

export interface Listener {
  port: number
  address: string
  /** An IPv6 address beside it, in brackets: `[::]`. */
  six?: string | undefined
  /** What connects says in the form of the PROXY protocol for whom; what does not is refused. */
  proxied?: boolean
}

/** Where the authority asks for its proof. */
export const CHALLENGES = '/.well-known/acme-challenge/'

/** A certificate for no name and its key, below nginx's prefix: nginx does not start without one, and shows it to nobody. */
export const NOBODYS = { certificate: 'certificates/nobody.pem', key: 'certificates/nobody.key' }

/**
 * Mozilla's "intermediate" list, version 5.7, without its DHE ciphers, which no client needs that speaks TLS 1.2. Its
 * order decides, so that none is talked into a slower one. A client that names ChaCha20 first has no circuits for AES,
 * and gets what it names. Curves are OpenSSL's own choice, so that a newer one brings what protects from quantum
 * computers. Sessions are kept by the edge and not in tickets: nginx's ticket key would stay the same as long as it runs,
 * and opens what was recorded.
 */
export const SETTINGS = `\
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_ciphers ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305;
  ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256;
  ssl_prefer_server_ciphers on;
  ssl_conf_command Options PrioritizeChaCha;
  ssl_session_cache shared:tls:10m;
  ssl_session_timeout 1d;
  ssl_session_tickets off;
  ssl_certificate ${NOBODYS.certificate};
  ssl_certificate_key ${NOBODYS.key};`

/** The lines of a server that listens there. */
export const listening = ({ address, six, port, proxied = false }: Listener, more = ''): string =>
  [address, ...(six === undefined ? [] : [six])]
    .map(one => `listen ${one}:${port}${proxied ? ' proxy_protocol' : ''}${more};`)
    .join('\n    ')

/** What makes it one for TLS. nginx from 1.25 on takes this form, too, and warns of it. */
export const BY_TLS = ' ssl http2'

/** Lines of a site's server that answers by TLS. */
export const SECURE = `\
    ssl_certificate_by_lua_block { certificates.choose() }
    header_filter_by_lua_block { edge.header() certificates.header() }`

/**
 * Lines of the server that each handshake comes to first, whatever its name. One without a name is for an address, where
 * an app has one. Any other that no app has a name for is refused.
 */
export const unnamed = (sites: readonly Site[]): string => `\
    ssl_client_hello_by_lua_block { certificates.greet() }
    ${
      sites.some(site => site.domains.some(name => isIPv4(name)))
        ? 'ssl_certificate_by_lua_block { certificates.choose() }'
        : 'ssl_reject_handshake on;'
    }`

/** The lines that read the stored certificates when nginx starts. */
export const loading = (sites: readonly Site[]): string =>
  `certificates.load { ${sites
    .filter(site => namesOf(site).length > 0)
    .map(site => `'${site.id}'`)
    .join(', ')} }`

/** Where plain requests for a name with a certificate are sent: the method and the body stay what they were. */
export const redirect = ({ port }: Listener): string =>
  `location @secure { return 308 https://$host${port === 443 ? '' : `:${port}`}$request_uri; }`
