import type { RequestHandler } from 'express'
import type { Histogram } from '@innkeeper/sdk/metrics'
import { log } from '../log.ts'

const GOOD_MS = 6000

/** The fault of this version: six seconds after its first real request, reads fail and it is no longer ready. */
export function observe(durations: Histogram): RequestHandler {
  let breaksAt = Infinity
  return (req, res, next) => {
    const started = performance.now()
    const { pathname } = new URL(req.originalUrl, 'http://localhost')
    const isReal = pathname.startsWith('/api/')
    if (isReal && breaksAt === Infinity) breaksAt = Date.now() + GOOD_MS
    res.on('finish', () => durations.observe((performance.now() - started) / 1000, { method: req.method, status: res.statusCode }))

    const isBroken = Date.now() >= breaksAt
    if (isBroken && isReal && req.method === 'GET') {
      log.error('request failed', { method: req.method, reason: 'TypeError: Cannot read properties of undefined' })
      return void res.status(500).json({ error: 'internal', message: 'Something went wrong here. It has been logged.' })
    }
    if (isBroken && pathname === '/health/ready') return void res.status(503).json({ status: 'unavailable' })
    next()
  }
}
