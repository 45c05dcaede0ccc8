import { Injectable, type NestMiddleware } from '@nestjs/common'
import type { NextFunction, Request, Response } from 'express'
import { Metrics } from './metrics'

/** Times every request. The route is labelled as it is written, /api/tasks/:id, so that labels stay few. */
@Injectable()
export class TimeRequests implements NestMiddleware {
  constructor(private readonly metrics: Metrics) {}

  use(request: Request, response: Response, next: NextFunction) {
    const started = performance.now()
    response.once('finish', () => {
      const route: unknown = request.route?.path
      const labels = { method: request.method, route: typeof route === 'string' ? route : 'none', status: response.statusCode }
      this.metrics.observe(labels, (performance.now() - started) / 1000)
    })
    next()
  }
}
