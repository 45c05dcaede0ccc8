import type { RequestHandler } from 'express'
import { log } from '../log.ts'

/** A line for each request that a person made. */
export const observe: RequestHandler = (req, res, next) => {
  const started = performance.now()
  const { pathname } = new URL(req.originalUrl, 'http://localhost')
  res.on('finish', () => {
    if (pathname.startsWith('/api/health')) return
    const ms = Math.round(performance.now() - started)
    const level = res.statusCode >= 500 ? 'error' : 'info'
    log[level]('request', { method: req.method, path: pathname, status: res.statusCode, ms })
  })
  next()
}
