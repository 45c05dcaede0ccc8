import type { HealthConfig } from '../../config/config.ts'

/** The result of one health check. `detail` is the sentence that a failure shows. */
export interface Finding {
  ok: boolean
  detail: string
  /** HTTP status of the answer; null: there was none, or nobody asked for one. */
  status: number | null
  /** The answer is 200 with an HTML page. A check that reads only the status would be fooled by such a page. */
  html: boolean
  /** The answer, where it may be JSON. */
  body?: string
}

export interface Answer {
  status: number
  contentType: string
  body: string
  /** Where a redirect leads. */
  location?: string
}

/** As whom a check asks: an app may insist on its own name, or on https. */
export type AskedAs = Pick<HealthConfig, 'host' | 'proto'>

/** The port to health checks: asks one address. The message of what it throws says what went wrong. */
export interface Probe {
  http(port: number, path: string, timeoutMs: number, as?: AskedAs): Promise<Answer>
  tcp(port: number, timeoutMs: number): Promise<void>
}

/** Checks an instance once, as `health:` of its service says. */
export async function look(probe: Probe, port: number, health: HealthConfig): Promise<Finding> {
  const where = health.path === undefined ? `127.0.0.1:${port}` : `GET http://127.0.0.1:${port}${health.path}`
  try {
    if (health.path === undefined) {
      await probe.tcp(port, health.timeout)
      return { ok: true, detail: `${where} accepts connections`, status: null, html: false }
    }
    const answer = await probe.http(port, health.path, health.timeout, health)
    const wrong = mismatch(answer, health)
    const html = /^text\/html/i.test(answer.contentType) || /^\s*<!doctype html/i.test(answer.body)
    return {
      ok: wrong === null,
      detail: `${where} answered ${wrong ?? answer.status}`,
      status: answer.status,
      html,
      ...(/^\s*\{/.test(answer.body) ? { body: answer.body } : {}),
    }
  } catch (error) {
    return { ok: false, detail: `${where}: ${(error as Error).message}`, status: null, html: false }
  }
}

/** Why an answer is not the one that `health:` wants; null: it is. */
export const mismatch = (answer: Answer, health: HealthConfig): string | null =>
  unlike(answer, health, location => wayOut(location, health))

/** What a good answer is. */
export type Expected = Pick<HealthConfig, 'status' | 'expect' | 'contentType'>

/** Why an answer is not the wanted one; null: it is. `hint`: what can be said of where a redirect leads. */
export function unlike(
  answer: Answer,
  { status, contentType, expect: { text, json } }: Expected,
  hint: (location: string) => string = () => '',
): string | null {
  const short = answer.body.slice(0, 120).replaceAll(/\s+/g, ' ')
  if (answer.status !== status && answer.location !== undefined)
    return `${answer.status} to ${answer.location.slice(0, 200)}, not ${status}${hint(answer.location)}`
  if (answer.status !== status) return `${answer.status}, not ${status}${short === '' ? '' : `: ${short}`}`
  if (contentType !== undefined && !answer.contentType.startsWith(contentType)) {
    return `${answer.status} with content type ${answer.contentType || 'none'}, not ${contentType}`
  }
  if (text !== undefined && !answer.body.includes(text))
    return `${answer.status} without "${text}" in the body: ${short}`
  if (json === undefined) return null
  const value = at(answer.body, json.path)
  if ('problem' in value) return `${answer.status}, but ${value.problem}: ${short}`
  return value.found === json.equals
    ? null
    : `${answer.status} with ${json.path} = ${JSON.stringify(value.found)}, not ${JSON.stringify(json.equals)}`
}

/** What the file can say, so that an app does not send its check to https or to another host. */
function wayOut(location: string, { proto, host }: HealthConfig): string {
  const to = URL.canParse(location) ? new URL(location) : null
  if (to === null) return ''
  if (to.protocol === 'https:' && proto !== 'https')
    return '; with proto: https under health it is asked as https'
  const elsewhere = to.hostname !== '127.0.0.1' && to.hostname !== host?.replace(/:\d+$/, '')
  return elsewhere ? `; with host: ${to.hostname} under health it is asked by that name` : ''
}

function at(body: string, path: string): { found: unknown } | { problem: string } {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return { problem: 'the body is not JSON' }
  }
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !(key in value))
      return { problem: `the body has no ${path}` }
    value = (value as Record<string, unknown>)[key]
  }
  return { found: value }
}
