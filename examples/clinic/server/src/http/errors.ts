import { STATUS_CODES } from 'node:http'
import type { ErrorRequestHandler, RequestHandler } from 'express'
import { ZodError } from 'zod'
import { log, reasonOf } from '../log.ts'
import { Refusal } from './refusal.ts'

export const unknownPath: RequestHandler = (req) => {
  throw new Refusal(404, 'not_found', `There is nothing at ${req.method} ${req.baseUrl}${req.path}.`)
}

export interface ErrorBody { error: string; message: string; [fact: string]: unknown }

/** What a caller is told, over HTTP and over the socket alike. */
export function explain(error: unknown): { status: number; body: ErrorBody } {
  if (error instanceof Refusal) {
    return { status: error.status, body: { error: error.code, message: error.message, ...error.facts } }
  }
  if (error instanceof ZodError) {
    const issues = error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
    const message = issues.map((issue) => `${issue.path} ${issue.message}`.trim()).join('; ')
    return { status: 400, body: { error: 'invalid_input', message, issues } }
  }
  if (isClientError(error)) {
    const message = STATUS_CODES[error.status] ?? 'Bad Request'
    return { status: error.status, body: { error: error.type ?? 'bad_request', message } }
  }
  return { status: 500, body: { error: 'internal', message: 'Something went wrong here. It has been logged.' } }
}

export const answerErrors: ErrorRequestHandler = (error, req, res, next) => {
  if (res.headersSent) return next(error)
  const { status, body } = explain(error)
  if (status >= 500) log.error('request failed', { method: req.method, path: req.path, reason: reasonOf(error) })
  res.status(status).json(body)
}

/** Express marks what it refuses by itself, such as a body too large, with a status. */
function isClientError(error: unknown): error is { status: number; type?: string } {
  const status = (error as { status?: unknown } | null)?.status
  return typeof status === 'number' && status >= 400 && status < 500
}
