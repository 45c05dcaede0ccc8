import { list } from '../../kernel/words.ts'
import { type Answer, type Answered, isOwn, ORIGIN } from './asked.ts'
import type { AppFacts } from './facts.ts'
import { type Found, judged, judgedOf, type Outcome, unknown } from './outcome.ts'
import type { Severity } from './wire.ts'

/** What visitors of an app get. */
export const ofWeb = (facts: AppFacts): Outcome[] => {
  const about = { app: facts.app, subject: facts.app }
  return [
    ...https(facts),
    ...hsts(facts),
    ...judgedOf('web.cors', about, facts.answers, cors),
    ...(facts.still ? [] : cookies(facts)),
    ...(facts.still ? [] : signIn(facts)),
    ...judgedOf('web.exposed', about, facts.answers, exposed),
  ]
}

const https = ({ app, tls: { by, domains } }: AppFacts): Outcome[] =>
  domains.flatMap(({ name, covered }) => {
    const about = { app, subject: name }
    if (by === 'front' && !covered)
      return [
        unknown(
          'web.https',
          about,
          'a server in front of this one does TLS: whether it does is not seen from here',
        ),
      ]
    return judged(
      'web.https',
      about,
      covered
        ? []
        : [
            {
              what: by === 'nobody' ? `${name} is served without TLS` : `${name} has no certificate yet`,
              fix:
                by === 'nobody'
                  ? 'take `tls: false` out of innkeeper.yaml; a home without a port for TLS gets one: `INNKEEPER_HTTPS_PORT=443 inn up`'
                  : `\`inn certs\` says what it waits for`,
            },
          ],
    )
  })

/** Half a year is what Mozilla asks for at least. */
const LEAST_SECONDS = 15_768_000

function hsts({ app, now, tls: { by, domains, hstsFrom }, answers }: AppFacts): Outcome[] {
  const about = { app, subject: app }
  if (by === 'nobody' || !domains.some(({ covered }) => covered || by === 'front')) return []
  if ('unseen' in answers) return [unknown('web.hsts', about, answers.unseen)]
  const said = answers.seen.fronts.flatMap(({ headers }) => textOf(headers['strict-transport-security']))[0]
  if (said !== undefined) {
    const seconds = Number(/max-age="?(\d+)/i.exec(said)?.[1] ?? 0)
    return judged(
      'web.hsts',
      about,
      seconds >= LEAST_SECONDS
        ? []
        : [
            {
              what: `the app says Strict-Transport-Security for ${seconds} seconds alone`,
              fix: 'leave the header out in the app: the edge sends it for half a year',
            },
          ],
    )
  }
  if (by === 'front')
    return [
      unknown(
        'web.hsts',
        about,
        'a server in front of this one does TLS: what it adds is not seen from here',
      ),
    ]
  if (hstsFrom !== null && now >= hstsFrom) return judged('web.hsts', about, [])
  return [unknown('web.hsts', about, 'the edge says it as soon as the certificate was good for a day')]
}

const textOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

const CORS_FIX =
  '`cors: { origins: [https://app.example.com], credentials: true }` in innkeeper.yaml, and no CORS in the app; or a list of origins in the app'

function cors({ fronts, signIns }: Answered): Found[] {
  const open = [...fronts, ...signIns].flatMap(({ path, headers }) => {
    const [origin] = textOf(headers['access-control-allow-origin'])
    const withCookies = textOf(headers['access-control-allow-credentials'])[0] === 'true'
    return withCookies && (origin === ORIGIN || origin === '*') ? [{ path, any: origin === '*' }] : []
  })
  const paths = (any: boolean) => {
    const all = [...new Set(open.filter(one => one.any === any).map(({ path }) => path))]
    return all.length > 3 ? `${all.slice(0, 3).join(', ')} …` : list(all)
  }
  return [
    ...(paths(false) === ''
      ? []
      : [
          {
            what: `every site may read answers of ${paths(false)} with the cookies of a visitor`,
            fix: CORS_FIX,
          },
        ]),
    ...(paths(true) === ''
      ? []
      : [
          {
            severity: 'medium' as const,
            what: `answers of ${paths(true)} have Access-Control-Allow-Origin: * with credentials, which browsers refuse and other clients take`,
            fix: CORS_FIX,
          },
        ]),
  ]
}

const SESSION = /sess|sid$|auth|token|jwt|login|remember/i
const READABLE = /csrf|xsrf/i

function cookies({ app, answers, tls }: AppFacts): Outcome[] {
  const about = { app, subject: app }
  if ('unseen' in answers) return [unknown('web.cookies', about, answers.unseen)]
  const set = [...answers.seen.fronts, ...answers.seen.signIns].flatMap(({ headers }) =>
    textOf(headers['set-cookie']),
  )
  const sessions = new Map(
    set
      .map(line => [line.split('=')[0]!.trim(), line] as const)
      .filter(([name]) => SESSION.test(name) && !READABLE.test(name)),
  )
  if (sessions.size === 0)
    return [unknown('web.cookies', about, 'a visit without a sign-in got no cookie of a session')]
  const secure = tls.by !== 'nobody' && tls.domains.length > 0
  return judged(
    'web.cookies',
    about,
    [...sessions].flatMap(([name, line]) => {
      const lacks = [
        ...(/;\s*httponly/i.test(line) ? [] : ['HttpOnly']),
        ...(/;\s*secure/i.test(line) || !secure ? [] : ['Secure']),
      ]
      return lacks.length === 0
        ? []
        : [
            {
              subject: `cookie ${name}`,
              what: `the cookie ${name} is without ${list(lacks)}`,
              fix: 'set `httpOnly: true, secure: true, sameSite: "lax"` for it in the app; Express also wants `app.set("trust proxy", 1)`',
            },
          ]
    }),
  )
}

/** Where applications take passwords. */
export const SIGN_IN_PATHS: readonly string[] = [
  ...['/login', '/signin', '/sign-in', '/auth/login', '/auth/signin', '/admin/login', '/users/sign_in'],
  ...['/api/login', '/api/signin', '/api/auth/login', '/api/auth/signin', '/api/auth/sign-in/email'],
  '/api/users/login',
]

/** What a route says that is there, though it was not asked as it wants to be. */
const THERE = [200, 204, 400, 401, 405, 415, 422]
/** More guesses a minute of one visitor are as good as no limit. */
const MOST_A_MINUTE = 60

function signIn({ app, answers, limits }: AppFacts): Outcome[] {
  const about = { app, subject: app }
  if ('unseen' in answers) return [unknown('web.sign-in', about, answers.unseen)]
  const { seen } = answers
  const there = seen.signIns.filter(one => isThere(one, seen))
  const paths = [...new Set(there.map(({ path }) => path))]
  if (paths.length === 0)
    return [
      unknown(
        'web.sign-in',
        about,
        `no sign-in answers at ${SIGN_IN_PATHS[0]}, ${SIGN_IN_PATHS[9]} and other usual paths, by GET or OPTIONS; where there is one: \`rateLimit: [{ path: …, rate: 10/m }]\``,
      ),
    ]
  return judged(
    'web.sign-in',
    about,
    paths
      .filter(path => !limits.some(limit => limit.perMinute <= MOST_A_MINUTE && isBelow(path, limit.path)))
      .filter(path => !there.some(one => one.path === path && saysLimit(one)))
      .map(path =>
        unlimited(
          path,
          there.some(one => one.path === path && isPage(one)),
        ),
      ),
  )
}

const unlimited = (path: string, page: boolean): Found => ({
  subject: path,
  what: `${path} takes as many guesses as come`,
  fix: `\`rateLimit: [{ path: ${path}, rate: 10/m }]\` in innkeeper.yaml${page ? '; the same for the path that its page sends the password to' : ''}`,
})

const isThere = (answer: Answer, seen: Answered): boolean =>
  answer.method === 'GET'
    ? THERE.includes(answer.status) && isOwn(answer, seen)
    : textOf(answer.headers['allow']).some(methods => /\bPOST\b/i.test(methods)) && isOwn(answer, seen)

const isBelow = (path: string, limit: string): boolean =>
  limit === '/' || path === limit || path.startsWith(`${limit}/`)

const isPage = ({ method, status, headers }: Answer): boolean =>
  method === 'GET' && status === 200 && /^text\/html/.test(textOf(headers['content-type'])[0] ?? '')

const saysLimit = ({ headers }: Answer): boolean =>
  Object.keys(headers).some(name => /^(x-)?ratelimit(-limit|-policy)?$/.test(name))

interface Exposed {
  path: string
  /** What its answer has in it when it is what it is taken for. */
  sign: RegExp
  is: string
  severity: Severity
}

const VALUES = /"(PATH|NODE_ENV|DATABASE_URL)"\s*:/

/** What is asked for on every server of the internet. */
export const EXPOSED: readonly Exposed[] = [
  ...['/.env', '/.env.production', '/.env.local'].map(path => ({
    ...{ path, sign: /^(export )?[A-Z][A-Z0-9_]*=/m, is: 'the environment', severity: 'critical' as const },
  })),
  { path: '/.git/config', sign: /\[core\]/, is: 'the repository', severity: 'critical' },
  { path: '/.git/HEAD', sign: /^ref: refs\//, is: 'the repository', severity: 'critical' },
  ...['/env', '/api/env', '/debug/env', '/debug'].map(path => ({
    ...{ path, sign: VALUES, is: 'the environment', severity: 'critical' as const },
  })),
  ...['/backup.sql', '/dump.sql', '/database.sql'].map(path => ({
    ...{ path, sign: /CREATE TABLE|PostgreSQL database dump/i, is: 'a dump of a database' },
    severity: 'critical' as const,
  })),
  { path: '/actuator/env', sign: /propertySources/, is: 'the environment', severity: 'critical' },
  { path: '/actuator', sign: /"_links"/, is: 'a door for operators', severity: 'high' },
  { path: '/debug/pprof/', sign: /goroutine|pprof/, is: 'a debugger', severity: 'high' },
  { path: '/debug/vars', sign: /memstats|"cmdline"/, is: 'a debugger', severity: 'high' },
  { path: '/admin/queues', sign: /bull|queue/i, is: 'a list of jobs with what is in them', severity: 'high' },
  { path: '/adminer.php', sign: /adminer/i, is: 'an administration of databases', severity: 'high' },
  { path: '/phpinfo.php', sign: /phpinfo\(\)/, is: 'what PHP is set to', severity: 'high' },
  { path: '/metrics', sign: /^# (HELP|TYPE) /m, is: 'its metrics', severity: 'medium' },
  { path: '/server-status', sign: /Apache (Server )?Status/i, is: 'who asks for what', severity: 'medium' },
  { path: '/package.json', sign: /"dependencies"\s*:/, is: 'which versions it runs', severity: 'low' },
]

const exposed = (seen: Answered): Found[] =>
  seen.exposed.flatMap(answer => {
    const { path, status, body } = answer
    const known = EXPOSED.find(one => one.path === path)
    if (known === undefined || status !== 200 || !known.sign.test(body) || !isOwn(answer, seen)) return []
    return [
      {
        subject: path,
        severity: known.severity,
        what: `${path} shows ${known.is} to every visitor`,
        fix: `take it out of the app, or \`blocked: [default, ${path.replace(/\/$/, '')}]\` in innkeeper.yaml`,
      },
    ]
  })
