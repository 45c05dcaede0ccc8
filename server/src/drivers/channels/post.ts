import type { IncomingHttpHeaders } from 'node:http'
import { jsonObject } from '../../kernel/json.ts'
import type { Outcome } from '../../watch/messages/channel.ts'
import { addressed, request } from '../host/http.ts'
import { quickLookup } from '../host/lookup.ts'

const TIMEOUT_MS = 15_000
const SECOND = 1_000
/** How much of what a provider says is kept: the reason of a refusal is short. */
const MOST_SAID = 300

export interface Post {
  url: string
  headers?: Record<string, string>
  /** A form goes with its files; any other object as JSON. */
  body: string | FormData | object
  signal: AbortSignal
}

export interface Said {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The text as JSON; {}: it is none. */
  json: Record<string, unknown>
}

/** One POST to a provider. Rejects when nobody answers. */
export async function post({ url, headers = {}, body, signal }: Post): Promise<Said> {
  const encoded = await encode(body)
  const answer = await request({
    ...addressed(url),
    method: 'POST',
    headers: { ...encoded.headers, ...headers },
    body: encoded.body,
    timeoutMs: TIMEOUT_MS,
    lookup: quickLookup,
    signal,
  })
  return {
    status: answer.status,
    headers: answer.headers,
    text: answer.body,
    json: jsonObject(answer.body) ?? {},
  }
}

async function encode(
  body: Post['body'],
): Promise<{ headers: Record<string, string>; body: string | Uint8Array }> {
  if (typeof body === 'string') return { headers: {}, body }
  if (!(body instanceof FormData))
    return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const form = new Response(body)
  return { headers: { 'content-type': form.headers.get('content-type')! }, body: await form.bytes() }
}

/** A form with fields, those that are objects as JSON, and one picture. */
export function formOf(fields: Readonly<Record<string, unknown>>, name: string, png: Uint8Array): FormData {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields))
    form.set(field, typeof value === 'string' ? value : JSON.stringify(value))
  form.set(name, new Blob([png as Uint8Array<ArrayBuffer>], { type: 'image/png' }), 'chart.png')
  return form
}

/** What an answer means, where a provider says nothing special. `reference`: its name for what was sent. */
export function judged(said: Said, reference: string | null = null): Outcome {
  const { status, headers, text } = said
  if (status >= 200 && status < 300) return { type: 'sent', reference }
  const why = `${status} ${text.replaceAll(/\s+/g, ' ').trim().slice(0, MOST_SAID)}`.trim()
  // 408 and 425 ask for another try; every other 4xx stays as it is until somebody changes something.
  const again = status === 429 || status === 408 || status === 425 || status >= 500
  return again ? { type: 'later', why, afterMs: retryAfter(headers) } : { type: 'refused', why }
}

/** The header Retry-After in milliseconds: it holds seconds, or a date. null: there is none. */
export function retryAfter(headers: IncomingHttpHeaders, now = Date.now()): number | null {
  const value = headers['retry-after']
  if (value === undefined) return null
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * SECOND
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
