import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { ZodError } from 'zod'
import { log, reasonOf } from '../log.ts'
import { Refusal } from './refusal.ts'

export const unknownPath: RequestHandler = (req, res) => {
  res.status(404).json({ error: 'not_found', message: `There is nothing at ${req.method} ${req.baseUrl}${req.path}.` })
}

export const answerErrors: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) return next(error)
  if (error instanceof Refusal) {
    res.status(error.status).json({ error: error.code, message: error.message })
  } else if (error instanceof ZodError) {
    const issues = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    res.status(400).json({ error: 'invalid_input', message: issues.map((i) => `${i.path} ${i.message}`).join('; '), issues })
  } else if (isClientError(error)) {
    res.status(error.status).json({ error: error.type ?? 'bad_request', message: STATUS_CODES[error.status] })
  } else {
    log.error('request failed', { method: req.method, reason: reasonOf(error) })
    res.status(500).json({ error: 'internal', message: 'Something went wrong here. It has been logged.' })
  }
}

/**
 * Express marks what it refuses by itself (a body too large, a file that is gone) with a status.
 * Its messages name paths on this machine, so they are not passed on.
 */
function isClientError(error: unknown): error is { status: number; type?: string } {
  const status = (error as { status?: unknown } | null)?.status
  return typeof status === 'number' && status >= 400 && status < 500
}
