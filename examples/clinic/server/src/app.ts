import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import express, { type Express, Router } from 'express'
import type { LogIns } from './accounts/login.ts'
import { accountRoutes } from './accounts/routes.ts'
import { chatRoutes } from './chat/routes.ts'
import type { Config } from './config.ts'
import type { Pool } from './database/pool.ts'
import { exportRoutes } from './exports/routes.ts'
import { healthOf } from './health/health.ts'
import { answerErrors, unknownPath } from './http/errors.ts'
import { observe } from './http/observe.ts'
import { invoiceRoutes } from './invoices/routes.ts'
import { overviewRoutes } from './overview/routes.ts'
import { patientRoutes } from './patients/routes.ts'
import { screeningRoutes } from './screenings/routes.ts'
import { sessionRoutes } from './sessions/routes.ts'
import { therapistRoutes } from './therapists/routes.ts'
import { version } from './version.ts'

export interface Deps {
  config: Config
  pool: Pool
  logIns: LogIns
}

export function makeApp(deps: Deps): Express {
  const app = express()
  app.disable('x-powered-by')
  app.set('trust proxy', 'loopback, uniquelocal')
  app.use(observe)
  app.use('/api', apiRoutes(deps), unknownPath)
  servePages(app)
  app.use(answerErrors)
  return app
}

function apiRoutes({ config, pool, logIns }: Deps): Router {
  const routes = Router()
  const health = healthOf(pool)
  routes.use('/health', async (req, res, next) => {
    if (!(await health.handle(req, res))) next()
  })
  routes.get('/version', (_req, res) => {
    res.json({ version, stage: config.stage })
  })
  routes.use(express.json({ limit: '64kb' }), accountRoutes(pool, logIns))
  routes.use(logIns.required)
  routes.use('/overview', overviewRoutes(pool))
  routes.use('/therapists', therapistRoutes(pool))
  routes.use('/patients', patientRoutes(pool))
  routes.use('/sessions', sessionRoutes(pool, config.timeZone))
  routes.use('/invoices', invoiceRoutes(pool, config.timeZone))
  routes.use('/conversations', chatRoutes(pool))
  routes.use('/exports', exportRoutes(pool, config))
  routes.use(screeningRoutes(pool))
  return routes
}

/** In production a web server serves the pages; here they come along when they have been built. */
function servePages(app: Express) {
  const pages = resolve(import.meta.dirname, '../../client/dist')
  if (!existsSync(pages)) return
  app.use(express.static(pages))
  app.get('/{*path}', (_req, res) => {
    res.sendFile('index.html', { root: pages })
  })
}
