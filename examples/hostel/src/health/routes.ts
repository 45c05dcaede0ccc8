import { Router } from 'express'
import type { Storage } from '../storage/storage.ts'
import { version } from '../version.ts'
import { readiness } from './readiness.ts'

export function healthRoutes(storage: Storage): Router {
  const routes = Router()
  routes.get('/', async (_req, res) => {
    const ready = await readiness(storage)
    const status = ready.storage.status === 'ok' ? 'ok' : 'degraded'
    res.json({ status, version, uptime: Math.round(process.uptime()), storage: ready.storage })
  })
  routes.get('/live', (_req, res) => {
    res.json({ status: 'ok' })
  })
  routes.get('/ready', async (_req, res) => {
    const ready = await readiness(storage)
    res.status(ready.status === 'ok' ? 200 : 503).json({ ...ready, version })
  })
  return routes
}
