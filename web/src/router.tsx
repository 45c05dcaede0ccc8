import { createRootRoute, createRoute, createRouter, Link, Outlet } from '@tanstack/react-router'
import { ReportPeriod } from '../../server/src/watch/reports/wire.ts'
import { AlertsPage } from './alerts/AlertsPage.tsx'
import { AppPage } from './apps/AppPage.tsx'
import { OverviewPage } from './apps/OverviewPage.tsx'
import { AuditPage } from './audit/AuditPage.tsx'
import { BackupsPage } from './backups/BackupsPage.tsx'
import { IncidentPage } from './incidents/IncidentPage.tsx'
import { IncidentsPage } from './incidents/IncidentsPage.tsx'
import { failureFrom } from './keeper/request.ts'
import { FailureBox } from './kit/Failure.tsx'
import { MetricsPage } from './metrics/MetricsPage.tsx'
import { OutboxPage } from './outbox/OutboxPage.tsx'
import { AccountPage } from './people/AccountPage.tsx'
import { PeoplePage } from './people/PeoplePage.tsx'
import { SignInPage } from './people/SignInPage.tsx'
import { WelcomePage } from './people/WelcomePage.tsx'
import { ReportPage } from './reports/ReportPage.tsx'
import { RunbooksPage } from './runbooks/RunbooksPage.tsx'
import { WalkPage } from './runbooks/WalkPage.tsx'
import { RunPage } from './runs/RunPage.tsx'
import { SecurityPage } from './security/SecurityPage.tsx'
import { Shell } from './shell/Shell.tsx'
import { TokensPage } from './tokens/TokensPage.tsx'

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const root = createRootRoute({
  component: Outlet,
  errorComponent: ({ error }) => (
    <main className="mx-auto max-w-2xl p-6">
      <FailureBox failure={failureFrom(error)} />
    </main>
  ),
  notFoundComponent: () => (
    <main className="mx-auto max-w-2xl p-6">
      <FailureBox
        failure={{
          code: 'dashboard.no-page',
          what: 'there is no such page',
          why: `nothing is at ${location.pathname}`,
          fix: 'see whether the address was typed or copied whole',
        }}
      />
      <p className="mt-4">
        <Link to="/" className="link">
          Go to the overview
        </Link>
      </p>
    </main>
  ),
})

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignInPage,
  validateSearch: (search): { next?: string; email?: string; chosen?: boolean } => ({
    next: text(search['next']),
    email: text(search['email']),
    chosen: search['chosen'] === true ? true : undefined,
  }),
})
const welcome = createRoute({
  getParentRoute: () => root,
  path: '/welcome',
  component: WelcomePage,
  validateSearch: (search): { token?: string; email?: string } => ({
    token: text(search['token']),
    email: text(search['email']),
  }),
})
const inside = createRoute({ getParentRoute: () => root, id: 'inside', component: Shell })
const overview = createRoute({ getParentRoute: () => inside, path: '/', component: OverviewPage })
const app = createRoute({
  getParentRoute: () => inside,
  path: '/apps/$app',
  component: function Page() {
    const { app: name } = app.useParams()
    return <AppPage key={name} name={name} />
  },
})
const outbox = createRoute({
  getParentRoute: () => inside,
  path: '/apps/$app/outbox',
  component: function Page() {
    const { app: name } = outbox.useParams()
    return <OutboxPage key={name} app={name} />
  },
})
const run = createRoute({
  getParentRoute: () => inside,
  path: '/runs/$run',
  component: function Page() {
    const { run: id } = run.useParams()
    return <RunPage key={id} id={id} />
  },
})
const backups = createRoute({
  getParentRoute: () => inside,
  path: '/backups',
  validateSearch: (search): { app?: string } => ({ app: text(search['app']) }),
  component: function Page() {
    return <BackupsPage only={backups.useSearch().app ?? null} />
  },
})
const metrics = createRoute({
  getParentRoute: () => inside,
  path: '/metrics',
  validateSearch: (search): { query?: string } => ({ query: text(search['query']) }),
  component: function Page() {
    return <MetricsPage query={metrics.useSearch().query} />
  },
})
const alerts = createRoute({ getParentRoute: () => inside, path: '/alerts', component: AlertsPage })
const incidents = createRoute({ getParentRoute: () => inside, path: '/incidents', component: IncidentsPage })
const incident = createRoute({
  getParentRoute: () => inside,
  path: '/incidents/$id',
  component: function Page() {
    const { id } = incident.useParams()
    return <IncidentPage key={id} id={id} />
  },
})
const runbooks = createRoute({
  getParentRoute: () => inside,
  path: '/runbooks',
  validateSearch: (search): { app?: string } => ({ app: text(search['app']) }),
  component: function Page() {
    return <RunbooksPage app={runbooks.useSearch().app ?? null} />
  },
})
const walk = createRoute({
  getParentRoute: () => inside,
  path: '/walks/$id',
  component: function Page() {
    const { id } = walk.useParams()
    return <WalkPage key={id} id={id} />
  },
})
const report = createRoute({
  getParentRoute: () => inside,
  path: '/report',
  validateSearch: (search): { period?: ReportPeriod } => ({
    period: ReportPeriod.safeParse(search['period']).data,
  }),
  component: function Page() {
    return <ReportPage period={report.useSearch().period ?? 'week'} />
  },
})
const security = createRoute({ getParentRoute: () => inside, path: '/security', component: SecurityPage })
const people = createRoute({ getParentRoute: () => inside, path: '/people', component: PeoplePage })
const tokens = createRoute({ getParentRoute: () => inside, path: '/tokens', component: TokensPage })
const account = createRoute({
  getParentRoute: () => inside,
  path: '/account',
  component: () => <AccountPage />,
})
const audit = createRoute({ getParentRoute: () => inside, path: '/audit', component: AuditPage })

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    welcome,
    inside.addChildren([
      overview,
      app,
      outbox,
      run,
      backups,
      metrics,
      alerts,
      incidents,
      incident,
      runbooks,
      walk,
      report,
      security,
      people,
      tokens,
      audit,
      account,
    ]),
  ]),
  scrollRestoration: true,
  // Values stay text, because a welcome token may look like a number.
  parseSearch: query =>
    Object.fromEntries([...new URLSearchParams(query)].map(([k, v]) => [k, v === 'true' ? true : v])),
  stringifySearch: search => {
    const entries = Object.entries(search).filter(([, v]) => v !== undefined && v !== null)
    const query = new URLSearchParams(entries.map(([k, v]) => [k, String(v)])).toString()
    return query === '' ? '' : `?${query}`
  },
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
