import { isKnown } from '../../apps/secrets/rule.ts'
import { bareHost } from '../../kernel/hosts.ts'

/** The address of a data service in a variable, without its password. */
export interface Address {
  name: string
  what: string
  host: string
  /** `here`: this machine; `near`: a private network; `away`: anywhere else. */
  place: 'here' | 'near' | 'away'
  password: 'known' | 'none' | 'good'
  /** Whether the address asks for TLS. */
  tls: boolean
}

const WHAT: Readonly<Record<string, string>> = {
  'postgres:': 'PostgreSQL',
  'postgresql:': 'PostgreSQL',
  'mysql:': 'MySQL',
  'mariadb:': 'MariaDB',
  'mongodb:': 'MongoDB',
  'mongodb+srv:': 'MongoDB',
  'redis:': 'Redis',
  'rediss:': 'Redis',
  'amqp:': 'RabbitMQ',
  'amqps:': 'RabbitMQ',
}

/** null: it is no address of a data service. */
export function addressOf(name: string, value: string): Address | null {
  const url = /^[a-z][a-z0-9+]*:\/\//i.test(value) ? URL.parse(value.replace('@/', '@localhost/')) : null
  const what = url === null ? undefined : WHAT[url.protocol]
  if (url === null || what === undefined) return null
  // `host` of the query wins, as libpq reads it: it is often the folder of a unix socket.
  const host = url.searchParams.get('host') ?? bareHost(decoded(url.hostname) || 'localhost')
  const password = decoded(url.password) || url.searchParams.get('password') || ''
  const place = placeOf(host)
  return { name, what, host, place, password: passwordOf(password, decoded(url.username)), tls: asksTls(url) }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const passwordOf = (password: string, user: string): Address['password'] =>
  password === ''
    ? 'none'
    : isKnown(password) || password.toLowerCase() === user.toLowerCase()
      ? 'known'
      : 'good'

const HERE = /^(localhost|127(\.\d+){3}|::1|\/.*)$/i
const NEAR =
  /^(10(\.\d+){3}|192\.168(\.\d+){2}|172\.(1[6-9]|2\d|3[01])(\.\d+){2}|f[cd][0-9a-f]{2}:.*|[^.:]+|.*\.(internal|local|lan))$/i

const placeOf = (host: string): Address['place'] =>
  HERE.test(host) ? 'here' : NEAR.test(host) ? 'near' : 'away'

/** Words of `sslmode` by which a client goes on without TLS where the server has none. */
const WITHOUT = ['disable', 'allow', 'prefer', 'false', '0', 'no', 'disabled', 'preferred']

function asksTls({ protocol, searchParams }: URL): boolean {
  const said = ['sslmode', 'ssl', 'tls', 'ssl-mode', 'sslaccept'].flatMap(key => searchParams.get(key) ?? [])
  if (said.length > 0) return !said.some(word => WITHOUT.includes(word.toLowerCase()))
  return ['rediss:', 'amqps:', 'mongodb+srv:'].includes(protocol)
}
