import { Router } from 'express'
import type { Database } from '../database/pool.ts'
import { version } from '../version.ts'
import { databaseHealth } from './readiness.ts'

export function healthRoutes(db: Database): Router {
  const routes = Router()
  routes.get('/', async (_req, res) => {
    const database = await databaseHealth(db)
    const status = database.status === 'ok' ? 'ok' : 'degraded'
    res.json({ status, version, uptime: Math.round(process.uptime()), checks: { database } })
  })
  routes.get('/live', (_req, res) => {
    res.json({ status: 'ok' })
  })
  // Ready is: a request sent here now can be answered. Without the database none can.
  routes.get('/ready', async (_req, res) => {
    const database = await databaseHealth(db)
    const ready = database.status === 'ok'
    res.status(ready ? 200 : 503).json({ status: ready ? 'ok' : 'unavailable', version, checks: { database } })
  })
  return routes
}
