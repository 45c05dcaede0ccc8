import { SecurityReport } from '../../server/src/watch/security/wire.ts'
import { ago } from './ago.ts'
import { answer, type Handler } from './call.ts'

const HOSTEL = { app: 'hostel', subject: 'hostel' }
const SERVER = { app: null, subject: 'the server' }

const REPORT: SecurityReport = {
  at: ago(40 * 60),
  score: 49,
  findings: [
    {
      ...{ ...HOSTEL, check: 'web.cors', severity: 'critical' },
      what: 'every site may read answers of /, /api and /api/login with the cookies of a visitor',
      why: 'any page that a visitor opens could act and read as that visitor',
      fix: '`cors: { origins: [https://app.example.com], credentials: true }` in innkeeper.yaml, and no CORS in the app; or a list of origins in the app',
    },
    {
      ...{ ...SERVER, check: 'server.updates', severity: 'high' },
      what: '3 security updates waiting: libssl3, openssl, linux-image-amd64',
      why: 'what an update mends is public, so it is tried against every server that lacks it',
      fix: '`apt-get update && apt-get upgrade`',
    },
    {
      ...{ ...HOSTEL, subject: 'lodash 4.17.15', check: 'packages.holes', severity: 'high' },
      what: 'lodash 4.17.15: Command Injection in lodash, and 2 more (https://github.com/advisories/GHSA-35jh-r3h4-6jhm)',
      why: 'what is told of is tried everywhere',
      fix: '`npm audit fix` in the repository, or `npm install lodash@latest`, then `inn deploy`',
    },
    {
      ...{ ...HOSTEL, subject: '/api/login', check: 'web.sign-in', severity: 'medium' },
      what: '/api/login takes as many guesses as come',
      why: 'without a limit, lists of leaked passwords are tried by the thousand',
      fix: '`rateLimit: [{ path: /api/login, rate: 10/m }]` in innkeeper.yaml',
    },
    {
      ...{ app: 'desk', subject: 'JWT_SECRET', check: 'secrets.old', severity: 'low' },
      what: 'JWT_SECRET has the same value for 134 days',
      why: 'a value that leaked without being noticed is good until it is changed',
      fix: '`inn secrets rotate JWT_SECRET desk`; what another side gives: `inn secrets set JWT_SECRET desk`',
    },
  ],
  unknown: [
    {
      ...{ ...SERVER, check: 'server.drift', severity: 'medium' },
      reason: 'it was never set up by `inn server setup`, so there is nothing to compare with',
    },
  ],
  accepted: [
    {
      ...{ app: 'desk', subject: 'DATABASE_URL', check: 'urls.tls', severity: 'medium' },
      what: 'PostgreSQL at 10.0.0.4 is asked without TLS (DATABASE_URL)',
      why: 'everybody on the way reads the rows and the password, or answers in its place',
      fix: '`?sslmode=verify-full` in the address, then `inn secrets set DATABASE_URL`',
      reason: 'the network between them is ours alone',
    },
  ],
  passed: [
    {
      ...{ ...SERVER, check: 'audit.seal', severity: 'critical' },
      good: 'the audit log is on, and its seal is good',
    },
    {
      ...{ ...HOSTEL, check: 'web.hsts', severity: 'medium' },
      good: 'browsers are told to come by TLS alone',
    },
    {
      ...{ ...HOSTEL, subject: 'capsules.example.com', check: 'web.https', severity: 'high' },
      good: 'every domain has a certificate',
    },
  ],
}

let looked = REPORT

export const securityRoutes: Array<[string, RegExp, Handler]> = [
  [
    'GET',
    /^\/api\/security$/,
    call => {
      if (call.url.searchParams.has('again')) looked = { ...REPORT, at: ago(0) }
      answer(call, SecurityReport, looked)
    },
  ],
]
