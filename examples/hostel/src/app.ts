import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Health } from '@innkeeper/sdk/health'
import { CONTENT_TYPE } from '@innkeeper/sdk/metrics'
import express, { type Express, Router } from 'express'
import { sessionRoutes } from './accounts/routes.ts'
import { capsuleRoutes } from './capsules/routes.ts'
import { checkInRoutes } from './checkins/routes.ts'
import type { Config } from './config.ts'
import { guestRoutes } from './guests/routes.ts'
import { metricsOf } from './health/metrics.ts'
import { answerErrors, unknownPath } from './http/errors.ts'
import { observe } from './http/observe.ts'
import type { Sessions } from './http/session.ts'
import { countRoute, kioskTokenRoutes, selfCheckInRoutes } from './kiosk/routes.ts'
import type { Live } from './live/live.ts'
import type { Streams } from './live/stream.ts'
import type { Letters } from './messages/messages.ts'
import { moneyRoutes } from './money/routes.ts'
import { settingsRoutes } from './settings/routes.ts'
import type { Storage } from './storage/storage.ts'
import { version } from './version.ts'

export interface Deps {
  config: Config
  health: Health
  storage: Storage
  sessions: Sessions
  live: Live
  streams: Streams
  sockets: () => number
  letters: Letters
}

export function makeApp(deps: Deps): Express {
  const app = express()
  const { metrics, durations } = metricsOf(deps.live, deps.sockets)
  app.disable('x-powered-by')
  app.set('trust proxy', 'loopback, uniquelocal')
  app.use(observe(durations))
  app.use('/health', async (req, res, next) => {
    if (!(await deps.health.handle(req, res))) next()
  })
  app.get('/metrics/prometheus', async (_req, res) => {
    res.type(CONTENT_TYPE).send(await metrics.text())
  })
  app.use('/api', express.json({ limit: '64kb' }), openRoutes(deps), deskRoutes(deps))
  app.use(['/api', '/health', '/metrics'], unknownPath)
  servePages(app)
  app.use(answerErrors)
  return app
}

function openRoutes(deps: Deps): Router {
  const routes = Router()
  routes.get('/version', (_req, res) => {
    res.json({ version })
  })
  routes.get('/occupancy', async (_req, res) => {
    res.json(await deps.live.current())
  })
  routes.get('/stream', (_req, res) => deps.streams.add(res))
  const count = countRoute(deps)
  routes.get('/check-ins/count', async (req, res) => {
    res.json(await count(req))
  })
  routes.use('/session', sessionRoutes(deps))
  routes.use('/self-check-in', selfCheckInRoutes(deps))
  return routes
}

function deskRoutes(deps: Deps): Router {
  const { required } = deps.sessions
  const routes = Router()
  routes.use('/guests', required, guestRoutes(deps))
  routes.use('/check-ins', required, checkInRoutes(deps))
  routes.use('/settings', required, settingsRoutes(deps))
  routes.use('/kiosk-tokens', required, kioskTokenRoutes(deps))
  routes.use(['/capsules', '/problems'], required)
  routes.use(capsuleRoutes(deps))
  routes.use('/money', required, moneyRoutes(deps))
  return routes
}

/** In production a web server serves the pages; here they come along when they have been built. */
function servePages(app: Express) {
  const pages = resolve(import.meta.dirname, '../client/dist')
  if (!existsSync(pages)) return
  app.use(express.static(pages))
  app.get('/{*path}', (_req, res) => {
    res.sendFile('index.html', { root: pages })
  })
}
