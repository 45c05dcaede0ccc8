/**
 * A keeper that is only pretended, for people who work on the dashboard without a server to deploy to,
 * and for the browser test's own development. `node web/dev/fixture.ts` serves web/dist and made-up data on
 * 127.0.0.1:7070 (PORT changes it); with DEPLOYING=<milliseconds a step> a deploy is under way. Each answer
 * is checked with the contract's schema, so that it cannot drift from the keeper's.
 * Sign in as ada@example.com with the password "a dozen letters".
 */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'
import { AppStatus } from '../../server/src/apps/app/wire.ts'
import { Traffic } from '../../server/src/apps/checks/wire.ts'
import { RollbackRequest, ScaleRequest, SwitchRequest } from '../../server/src/apps/deploys/wire.ts'
import { Release } from '../../server/src/apps/releases/wire.ts'
import { Run, RunEvent, RunSummary } from '../../server/src/engine/wire.ts'
import { ChangeAnswer } from '../../server/src/engine/wire-change.ts'
import { FailureAnswer } from '../../server/src/kernel/wire.ts'
import { Me } from '../../server/src/reach/people/wire.ts'
import { LogErrors, LogLine, LogQuery } from '../../server/src/watch/logs/wire.ts'
import { Status } from '../../server/src/watch/status/wire.ts'
import { activityRoutes } from './activity-routes.ts'
import { ago } from './ago.ts'
import { alertRoutes } from './alert-routes.ts'
import { appOf, beginDeploy, errorsOf, logLine, perform, runsOf, summary, traffic } from './answers.ts'
import { approvalRoutes } from './approval-routes.ts'
import { backupRoutes } from './backup-routes.ts'
import { answer, type Call, type Handler, refuse, stream } from './call.ts'
import { certificateRoutes } from './certificate-routes.ts'
import { doctorRoutes } from './doctor-routes.ts'
import { incidentRoutes } from './incident-routes.ts'
import { jobRoutes } from './job-routes.ts'
import { maintenanceRoutes } from './maintenance-routes.ts'
import { metricsRoutes } from './metrics-routes.ts'
import { outboxRoutes } from './outbox-routes.ts'
import { page } from './page.ts'
import { factorNow, peopleRoutes } from './people-routes.ts'
import { placementRoutes } from './placement-routes.ts'
import { planOf, type Wanted } from './plans.ts'
import { probeRoutes } from './probe-routes.ts'
import { reportRoutes } from './report-routes.ts'
import { retentionRoutes } from './retention-routes.ts'
import { runbookRoutes } from './runbook-routes.ts'
import { begin, linesOf, listen, runs, takeBack } from './runs.ts'
import { securityRoutes } from './security-routes.ts'
import { statementRoutes } from './statement-routes.ts'
import { statusPageRoutes } from './status-page-routes.ts'
import { PASSWORD, releases, status } from './world.ts'

const port = Number(process.env['PORT'] ?? 7070)
const paceMs = Number(process.env['PACE'] ?? 700)

function events(call: Call) {
  stream(call, send => {
    const tell = () => send({ type: 'status', status: Status.parse(status) })
    tell()
    const timer = setInterval(tell, 2_000)
    const unlisten = listen(event => {
      send(RunEvent.parse(event))
      if (event.type === 'run') tell()
    })
    return () => {
      clearInterval(timer)
      unlisten()
    }
  })
}

function runEvents(call: Call) {
  const run = runs.get(call.params[0]!)
  if (run === undefined)
    return refuse(call, 404, [
      'run.unknown',
      'there is no such run',
      call.params[0]!,
      '`inn releases APP`, or the dashboard, lists the runs',
    ])
  stream(call, send => {
    for (const line of linesOf(run.id)) send(RunEvent.parse(line))
    send(RunEvent.parse({ type: 'run', run }))
    return listen(event => {
      const of = event.type === 'run' ? event.run.id : event.run
      if (of === run.id) send(RunEvent.parse(event))
    })
  })
}

function logs(call: Call) {
  const query = LogQuery.parse(Object.fromEntries(call.url.searchParams))
  const wanted = (line: LogLine) =>
    (query.level === undefined || line.level === query.level) &&
    (query.service === undefined || line.service === query.service) &&
    (query.release === undefined || line.release === query.release) &&
    line.text.includes(query.grep ?? '')
  const running = call.params[0] === 'hostel' || call.params[0] === 'desk'
  let i = 0
  const old = Array.from({ length: running ? 60 : 0 }, () => logLine(i++)).map((line, at) => ({
    ...line,
    at: ago((60 - at) * 3),
  }))
  if (!query.follow) return answer(call, z.array(LogLine), old.filter(wanted))
  stream(call, send => {
    for (const line of old.filter(wanted)) send(line)
    const timer = setInterval(() => {
      const line = logLine(i++)
      if (running && wanted(line)) send(LogLine.parse(line))
    }, 900)
    return () => clearInterval(timer)
  })
}

const REQUESTS = { rollback: RollbackRequest, switch: SwitchRequest, scale: ScaleRequest }

function change(call: Call) {
  const [name, verb] = call.params as [string, string]
  const app = appOf(name)
  if (app === undefined) return unknownApp(call)
  const { plan: only } = z.object({ plan: z.boolean().default(false) }).parse(call.body)
  const read = verb in REQUESTS ? REQUESTS[verb as keyof typeof REQUESTS].parse(call.body) : {}
  const wanted: Wanted = { verb, ...read }
  const plan = planOf(app, wanted)
  if (only) return answer(call, ChangeAnswer, { plan })
  const release =
    verb === 'rollback'
      ? (wanted.release ?? app.rollback?.release ?? null)
      : verb === 'switch'
        ? (app.rollback?.release ?? null)
        : app.release
  const run = begin({ plan, kind: verb, app: name, release, actor: 'ada' })
  void perform(run, wanted, paceMs)
  answer(call, ChangeAnswer, { run: summary(run), notices: plan.notices })
}

const unknownApp = (call: Call) =>
  refuse(call, 404, [
    'app.unknown',
    `there is no app ${call.params[0]}`,
    `the keeper knows ${status.apps.map(app => app.name).join(', ')}`,
    '`inn status`',
  ])

function undo(call: Call) {
  const run = runs.get(call.params[0]!)
  const failure = run && takeBack(run, 'ada')
  if (failure) return answer(call, FailureAnswer, { failure }, 409)
  answer(call, z.unknown(), {})
}

const ofApp =
  (handler: (call: Call, app: AppStatus) => void): Handler =>
  call => {
    const app = appOf(call.params[0]!)
    return app ? handler(call, app) : unknownApp(call)
  }

const ROUTES: Array<[string, RegExp, Handler]> = [
  [
    'POST',
    /^\/api\/auth\/sign-out$/,
    call => call.res.writeHead(200, { 'set-cookie': 'session=; Max-Age=0; Path=/' }).end('{}'),
  ],
  [
    'GET',
    /^\/api\/me$/,
    call =>
      answer(call, Me, {
        name: 'ada',
        email: 'ada@example.com',
        role: 'admin',
        apps: {},
        verbs: null,
        factor: factorNow(),
      }),
  ],
  ['GET', /^\/api\/status$/, call => answer(call, Status, status)],
  ['GET', /^\/api\/events$/, events],
  ['GET', /^\/api\/apps\/([^/]+)$/, ofApp((call, app) => answer(call, AppStatus, app))],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/releases$/,
    ofApp((call, app) =>
      answer(
        call,
        z.array(Release),
        releases.filter(one => one.app === app.name),
      ),
    ),
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/runs$/,
    ofApp((call, app) => answer(call, z.array(RunSummary), runsOf(app.name))),
  ],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/traffic$/,
    ofApp((call, app) =>
      answer(call, Traffic, traffic(app.name, Number(call.url.searchParams.get('minutes') ?? 30))),
    ),
  ],
  ['GET', /^\/api\/apps\/([^/]+)\/logs$/, ofApp(logs)],
  [
    'GET',
    /^\/api\/apps\/([^/]+)\/errors$/,
    ofApp((call, app) => answer(call, LogErrors, errorsOf(app.name))),
  ],
  ['POST', /^\/api\/apps\/([^/]+)\/(rollback|switch|scale|restart|stop|start)$/, change],
  [
    'GET',
    /^\/api\/runs\/([^/]+)$/,
    call => {
      const run = runs.get(call.params[0]!)
      if (run) return answer(call, Run, run)
      refuse(call, 404, [
        'run.unknown',
        `there is no run ${call.params[0]}`,
        'the journal does not have it',
        '`inn releases APP`, or the dashboard, lists the runs',
      ])
    },
  ],
  ['GET', /^\/api\/runs\/([^/]+)\/events$/, runEvents],
  ['POST', /^\/api\/runs\/([^/]+)\/undo$/, undo],
  ...peopleRoutes,
  ...backupRoutes(paceMs),
  ...certificateRoutes(paceMs),
  ...metricsRoutes,
  ...alertRoutes,
  ...activityRoutes,
  ...doctorRoutes,
  ...retentionRoutes,
  ...incidentRoutes,
  ...runbookRoutes,
  ...maintenanceRoutes,
  ...outboxRoutes,
  ...probeRoutes,
  ...jobRoutes,
  ...reportRoutes,
  ...securityRoutes,
  ...approvalRoutes,
  ...placementRoutes,
  ...statementRoutes,
  ...statusPageRoutes,
]

async function read(req: IncomingMessage): Promise<unknown> {
  let text = ''
  for await (const chunk of req) text += chunk
  return text === '' ? {} : JSON.parse(text)
}

const server = createServer(async (req, res) => {
  const url = new URL(req.url ?? '/', 'http://fixture')
  const call: Call = { req, res, url, body: await read(req), params: [] }
  if (!url.pathname.startsWith('/api/')) return page(res, url.pathname)
  const signedIn = /session=yes/.test(req.headers.cookie ?? '') || url.pathname.startsWith('/api/auth/')
  if (!signedIn)
    return refuse(call, 401, [
      'people.not-signed-in',
      'nobody is signed in',
      'there is no session cookie',
      'sign in',
    ])
  for (const [method, path, handler] of ROUTES) {
    const found = path.exec(url.pathname)
    if (found && method === req.method) return handler({ ...call, params: found.slice(1) })
  }
  refuse(call, 404, [
    'api.unknown',
    'there is no such address',
    `${req.method} ${url.pathname}`,
    '`inn status`',
  ])
})
server.listen(port, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}  ada@example.com  "${PASSWORD}"`)
})

const deploying = Number(process.env['DEPLOYING'] ?? 0)
if (deploying > 0) beginDeploy(deploying)
