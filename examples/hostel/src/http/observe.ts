import type { Histogram } from '@innkeeper/sdk/metrics'
import type { RequestHandler } from 'express'
import { log } from '../log.ts'

/** Times every request, and writes a line for each one that a person made. */
export function observe(durations: Histogram): RequestHandler {
  return (req, res, next) => {
    const started = performance.now()
    const { pathname } = new URL(req.originalUrl, 'http://localhost')
    res.on('finish', () => {
      const ms = performance.now() - started
      durations.observe(ms / 1000, { method: req.method, status: res.statusCode })
      if (/^\/(health|metrics)/.test(pathname)) return
      log.info('request', { method: req.method, path: withoutToken(pathname), status: res.statusCode, ms: Math.round(ms) })
    })
    next()
  }
}

/** A kiosk token opens a door: it does not belong in a log. */
const withoutToken = (path: string) => path.replace(/^(\/api\/self-check-in\/).+/, '$1…')
