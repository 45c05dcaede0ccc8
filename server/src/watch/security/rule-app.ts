import { QUARTER_DAYS } from '../../apps/secrets/rule.ts'
import { count, list } from '../../kernel/words.ts'
import type { AppFacts, DatabaseFacts, Network, Program, Readable, Role } from './facts.ts'
import { type Found, judged, judgedOf, type Outcome, unknown } from './outcome.ts'
import type { Hole } from './packages.ts'
import { ofWeb } from './rule-web.ts'
import type { Address } from './urls.ts'
import type { Severity } from './wire.ts'

const DAY_MS = 86_400_000

/** What is wrong with an app. */
export function ofApp(facts: AppFacts): Outcome[] {
  const { app, addresses, databases, network } = facts
  const about = { app, subject: app }
  return [
    ...judged('secrets.weak', about, weak(facts)),
    ...judged('secrets.plain', about, plain(facts)),
    ...judged('secrets.old', about, old(facts)),
    ...(addresses.length === 0
      ? []
      : [
          ...judged('urls.password', about, addresses.flatMap(password)),
          ...judged('urls.tls', about, addresses.flatMap(unencrypted)),
        ]),
    ...ofWeb(facts),
    ...databases.flatMap(one => ofDatabase(app, one)),
    ...(network === null ? [] : judgedOf('database.network', about, network, reached)),
    ...judgedOf('app.root', about, facts.still ? { seen: [] } : facts.programs, asRoot),
    ...judgedOf('app.files', about, facts.files, readable),
    ...(facts.packages === null ? [] : judgedOf('packages.holes', about, facts.packages, holes)),
  ]
}

const asRoot = (programs: readonly Program[]): Found[] =>
  programs.flatMap(({ service, user, root, capable }) =>
    root || capable
      ? [
          {
            subject: service,
            what: root ? `${service} runs as ${user}` : `${service} has capabilities of root`,
            fix: '`inn restart` starts it by the launcher, as its own user',
          },
        ]
      : [],
  )

const readable = ({ folder, readable: open }: Readable): Found[] =>
  open.length === 0
    ? []
    : [
        {
          what: `every user of this machine can read ${list(open.slice(0, 3))}${open.length > 3 ? ' and more' : ''} of ${folder}`,
          fix: `\`chmod o= ${folder}\``,
        },
      ]

const weak = ({ app, secrets }: AppFacts): Found[] =>
  secrets.flatMap(({ name, weak: why, written }) =>
    why === null
      ? []
      : [
          {
            subject: name,
            severity: /everybody tries/.test(why) ? ('critical' as const) : ('high' as const),
            what: `${name} is easy to guess: ${why}`,
            fix: written
              ? `\`env: { ${name}: { generate: 64 } }\` in innkeeper.yaml, then \`inn deploy\``
              : `\`inn secrets rotate ${name} ${app} --length 64\`, or \`inn secrets set ${name} ${app}\` for what another side gives`,
          },
        ],
  )

const plain = ({ secrets }: AppFacts): Found[] =>
  secrets.flatMap(({ name, plain: stands }) =>
    stands
      ? [
          {
            subject: name,
            what: `the value of ${name} stands in innkeeper.yaml`,
            fix: `get another value, \`inn secrets set ${name}\`, and \`env: { ${name}: { from: ${name} } }\`; \`inn secrets scan\` looks for others`,
          },
        ]
      : [],
  )

function old({ app, secrets, now }: AppFacts): Found[] {
  const aged = secrets
    .flatMap(({ name, since }) =>
      since === null ? [] : [{ name, days: Math.floor((now - since) / DAY_MS) }],
    )
    .filter(({ days }) => days >= QUARTER_DAYS)
    .sort((a, b) => b.days - a.days)
  return aged.map(({ name, days }) => ({
    subject: name,
    what: `${name} has the same value for ${count(days, 'day')}`,
    fix: `\`inn secrets rotate ${name} ${app}\`; what another side gives: \`inn secrets set ${name} ${app}\``,
  }))
}

const password = ({ name, what, host, place, password: is }: Address): Found[] =>
  is === 'good' || (is === 'none' && host.startsWith('/'))
    ? []
    : [
        {
          subject: name,
          severity: is === 'none' && place === 'here' ? 'high' : 'critical',
          what:
            is === 'none'
              ? `${what} at ${host} is asked without a password (${name})`
              : `the password of ${what} at ${host} is one that everybody tries first (${name})`,
          fix: `give its user a drawn password there (\`openssl rand -hex 32\`), then \`inn secrets set ${name}\``,
        },
      ]

const unencrypted = ({ name, what, host, place, tls }: Address): Found[] =>
  tls || place === 'here'
    ? []
    : [
        {
          subject: name,
          severity: place === 'near' ? 'medium' : 'high',
          what: `${what} at ${host} is asked without TLS (${name})`,
          fix: `${HOW[what] ?? 'the address of its TLS port'} in the address, then \`inn secrets set ${name}\``,
        },
      ]

const HOW: Readonly<Record<string, string>> = {
  PostgreSQL: '`?sslmode=verify-full`',
  MySQL: '`?ssl-mode=VERIFY_IDENTITY`',
  MariaDB: '`?ssl=true`',
  MongoDB: '`?tls=true`',
  Redis: '`rediss://`',
  RabbitMQ: '`amqps://`',
}

function ofDatabase(app: string, { name, ours, host, role }: DatabaseFacts): Outcome[] {
  const about = { app, subject: name }
  const network =
    host === 'here'
      ? 'its server is none of Innkeeper: `server.ports` says whether it listens beyond loopback, its `pg_hba.conf` is not read'
      : 'whom its server lets in is said there: only this server’s address should reach it'
  return [
    ...judgedOf('database.role', about, role, seen => tooMuch(seen, ours)),
    ...judgedOf('database.public', about, role, ({ everybody }) => ofEverybody(everybody)),
    ...(ours ? [] : [unknown('database.network', about, network)]),
  ]
}

/** What a role may and does not need, the worst alone: a superuser may all the rest. */
function tooMuch({ name, superuser, powers, owns }: Role, ours: boolean): Found[] {
  if (superuser)
    return [
      {
        severity: 'critical',
        what: `the app asks its database as ${name}, a superuser`,
        fix: `as an administrator: ${altering(name, 'superuser')}`,
      },
    ]
  const powerful = {
    what: `the role ${name} of the app has ${list(powers)}`,
    fix: `as an administrator: ${powers.map(power => altering(name, power)).join(' and ')}`,
  }
  const owning: Found = {
    severity: 'low',
    what: `the role ${name} of the app owns its database, so it may drop every table`,
    fix: ours
      ? '`database: { role: app }` in innkeeper.yaml: then migrations alone run as the owner'
      : 'a second role that may only select, insert, update and delete, for DATABASE_URL; the owner for `release:` alone',
  }
  return [...(powers.length > 0 ? [powerful] : []), ...(owns ? [owning] : [])]
}

const ofEverybody = ({ create, connect }: Role['everybody']): Found[] => [
  ...(create
    ? [
        {
          what: 'PUBLIC may create tables and functions in the schema public',
          fix: 'as its owner: `revoke create on schema public from public;`',
        },
      ]
    : []),
  ...(connect
    ? [
        {
          severity: 'low' as const,
          what: 'PUBLIC may connect to the database',
          fix: 'as its owner: `revoke connect on database … from public;`, after `grant connect on database … to` the roles of the app',
        },
      ]
    : []),
]

/** A command of an administrator. A role may be called like a part of one, and then it is not named. */
const altering = (role: string, power: string): string => {
  const named = /^[\w-]{1,63}$/.test(role) ? `"${role}"` : 'ROLE'
  const how = power.startsWith('pg_') ? `revoke ${power} from ${named};` : `alter role ${named} no${power};`
  return `\`${how}\``
}

const LOOPBACK = /^(127\.|::1|localhost$|samehost$)/

const reached = ({ listens, file, entrances }: Network): Found[] => {
  const open = listens.filter(address => address !== '' && !LOOPBACK.test(address))
  const entered = entrances.filter(({ method }) => method !== 'reject')
  return [
    ...(open.length === 0
      ? []
      : [
          {
            what: `its PostgreSQL listens on ${list(open)}`,
            fix: '`inn down`, then `inn up`: it listens on loopback alone',
          },
        ]),
    ...entered.flatMap(({ kind, address, method }): Found[] => {
      const far = kind !== 'local' && !LOOPBACK.test(address ?? '')
      const how = HOW_WEAK[method]
      if (!far && how === undefined) return []
      const who = address ?? 'whoever reaches its socket'
      return [
        {
          severity: how !== undefined || open.length > 0 ? 'critical' : 'high',
          what: `its PostgreSQL lets ${who} in ${how ?? `by ${method}`}`,
          fix: `take the line out of \`${file}\`, then \`kill -HUP $(head -1 ${file.replace(/[^/]*$/, 'postmaster.pid')})\``,
        },
      ]
    }),
  ]
}

const HOW_WEAK: Readonly<Record<string, string>> = {
  trust: 'without a password',
  password: 'by a password that is sent as it is',
}

/** How many packages are told of, the worst first; all of them stand in `npm audit`. */
const MOST = 10

function holes(all: readonly Hole[]): Found[] {
  const ranks: readonly Severity[] = ['critical', 'high', 'medium', 'low']
  const byPackage = Map.groupBy(all, one => `${one.package} ${one.version}`)
  return [...byPackage]
    .map(([name, told]) => {
      const [worst] = told.toSorted((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
      return {
        subject: name,
        severity: worst!.severity,
        what: `${name}: ${worst!.title}${told.length > 1 ? `, and ${told.length - 1} more` : ''} (${worst!.url})`,
        fix: `\`npm audit fix\` in the repository, or \`npm install ${worst!.package}@latest\`, then \`inn deploy\``,
      }
    })
    .sort((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity))
    .slice(0, MOST)
}
