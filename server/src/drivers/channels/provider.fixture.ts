import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Told {
  path: string
  headers: IncomingMessage['headers']
  body: string
}

/** A rule that a provider publishes: at most so many in a stretch, of what `of` names. */
interface Rule {
  most: number
  perMs: number
  of(told: Told): string | null
}

export interface Ways {
  rules: readonly Rule[]
  /** Whether the request carries the right secret. */
  admits(told: Told): boolean
  refuses(answer: ServerResponse): void
  /** What it says over a limit, with the milliseconds that are left. */
  over(answer: ServerResponse, leftMs: number): void
  /** What is wrong with the request; null: nothing. */
  wrong(told: Told): string | null
  takes(answer: ServerResponse, told: Told): void
}

export const answerJson = (answer: ServerResponse, status: number, body: object, headers = {}): void =>
  void answer.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

/** A provider on loopback that enforces what it publishes. */
export async function provider(t: { after(end: () => void): void }, ways: Ways) {
  const state = { is: 'up' as 'up' | 'broken' | 'silent' | 'revoked', over: 0 }
  const took: Told[] = []
  const times = new Map<string, number[]>()

  /** How long this one has to wait for the limits; 0: it may come in. */
  const left = (told: Told): number => {
    const now = Date.now()
    const waits = ways.rules.map(rule => {
      const key = rule.of(told)
      const past = (times.get(`${rule.perMs} ${key}`) ?? []).filter(time => time > now - rule.perMs)
      if (key === null || past.length < rule.most) return 0
      return past[past.length - rule.most]! + rule.perMs - now
    })
    return Math.max(0, ...waits)
  }
  const count = (told: Told, n = 1) => {
    for (const rule of ways.rules) {
      const key = `${rule.perMs} ${rule.of(told)}`
      times.set(key, [...(times.get(key) ?? []), ...Array.from({ length: n }, () => Date.now())])
    }
  }

  const server = createServer(async (request, answer) => {
    const told = { path: request.url!, headers: request.headers, body: await text(request) }
    if (state.is === 'silent') return
    if (state.is === 'broken') return void answer.writeHead(502).end('bad gateway')
    if (state.is === 'revoked' || !ways.admits(told)) return ways.refuses(answer)
    const leftMs = left(told)
    if (leftMs > 0) {
      state.over++
      return ways.over(answer, leftMs)
    }
    const wrong = ways.wrong(told)
    if (wrong !== null) return answerJson(answer, 400, { error: wrong })
    count(told)
    took.push(told)
    ways.takes(answer, told)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    at: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    state,
    took,
    /** Counts so many requests like the last one as if they had just come. */
    used: (n: number) => count(took.at(-1)!, n),
  }
}

export type Provider = Awaited<ReturnType<typeof provider>>

/** Of JSON, or of a form whose fields that are objects are JSON. */
function field(told: Told, name: string): unknown {
  if (!/^multipart/.test(told.headers['content-type'] ?? '')) return parsed(told.body)[name]
  const found = new RegExp(`name="${name}"\\r\\n\\r\\n([^]*?)\\r\\n--`).exec(told.body)?.[1]
  return name === 'content' ? parsed(String(field(told, 'payload_json')))['content'] : found
}

const parsed = (text: string) => JSON.parse(text) as Record<string, unknown>
const longer = (value: unknown, most: number): string | null =>
  typeof value !== 'string' || value === '' ? 'no text' : value.length > most ? 'text is too long' : null

const isMessage = ({ path }: Told): boolean => /\/send\w+$/.test(path)

export const TELEGRAM: Ways = {
  rules: [
    { most: 30, perMs: 1_000, of: () => 'bot' },
    { most: 1, perMs: 1_000, of: told => (isMessage(told) ? String(field(told, 'chat_id')) : null) },
    {
      most: 20,
      perMs: 60_000,
      of: told => (String(field(told, 'chat_id')).startsWith('-') ? String(field(told, 'chat_id')) : null),
    },
  ],
  admits: told => told.path.startsWith('/bot42:right/'),
  refuses: answer => answerJson(answer, 401, { ok: false, error_code: 401, description: 'Unauthorized' }),
  over(answer, leftMs) {
    const seconds = Math.ceil(leftMs / 1_000)
    const description = `Too Many Requests: retry after ${seconds}`
    answerJson(answer, 429, { ok: false, error_code: 429, description, parameters: { retry_after: seconds } })
  },
  wrong(told) {
    if (told.path.endsWith('/sendPhoto')) return longer(field(told, 'caption'), 1_024)
    return told.path.endsWith('/sendMessage') ? longer(field(told, 'text'), 4_096) : null
  },
  takes: answer => answerJson(answer, 200, { ok: true, result: { message_id: 7 } }),
}

const retryHeader =
  (status = 429) =>
  (answer: ServerResponse, leftMs: number): void =>
    void answer.writeHead(status, { 'retry-after': String(Math.ceil(leftMs / 1_000)) }).end('rate_limited')

export const SLACK: Ways = {
  rules: [{ most: 1, perMs: 1_000, of: () => 'hook' }],
  admits: told => told.path === '/services/T/B/right',
  refuses: answer => void answer.writeHead(403).end('invalid_token'),
  over: retryHeader(),
  wrong: told => longer(field(told, 'text'), 40_000),
  takes: answer => void answer.end('ok'),
}

export const DISCORD: Ways = {
  rules: [{ most: 5, perMs: 2_000, of: () => 'hook' }],
  admits: told => told.path.startsWith('/api/webhooks/1/right'),
  refuses: answer => answerJson(answer, 401, { message: 'Invalid Webhook Token', code: 50027 }),
  over(answer, leftMs) {
    const body = { message: 'You are being rate limited.', retry_after: leftMs / 1_000, global: false }
    answerJson(answer, 429, body, { 'retry-after': String(Math.ceil(leftMs / 1_000)) })
  },
  wrong: told => longer(field(told, 'content'), 2_000),
  takes: answer => answerJson(answer, 200, { id: '99' }),
}

export const WEBHOOK: Ways = {
  rules: [{ most: 10, perMs: 5_000, of: () => 'all' }],
  admits: told => told.headers['innkeeper-signature'] !== undefined,
  refuses: answer => void answer.writeHead(401).end('no signature'),
  over: (answer, leftMs) =>
    void answer.writeHead(429, { 'retry-after': new Date(Date.now() + leftMs + 1_000).toUTCString() }).end(),
  wrong: told => longer(field(told, 'title'), 100_000),
  takes: answer => void answer.end(),
}

export const NTFY: Ways = {
  rules: [{ most: 60, perMs: 300_000, of: () => 'visitor' }],
  admits: told => told.headers.authorization === 'Bearer right',
  refuses: answer => answerJson(answer, 403, { code: 40301, http: 403, error: 'forbidden' }),
  // ntfy says no time.
  over: answer =>
    answerJson(answer, 429, { code: 42901, http: 429, error: 'limit reached: too many requests' }),
  wrong: told =>
    field(told, 'topic') === 'alerts' ? longer(field(told, 'message'), 4_096) : 'topic is missing',
  takes: answer => answerJson(answer, 200, { id: 'hwQ2YpKdmg' }),
}

export const PAGERDUTY: Ways = {
  rules: [{ most: 120, perMs: 60_000, of: told => String(field(told, 'routing_key')) }],
  admits: told => field(told, 'routing_key') === 'right',
  refuses: answer =>
    answerJson(answer, 400, { status: 'invalid event', errors: ["'routing_key' is invalid"] }),
  over: retryHeader(),
  wrong: told =>
    field(told, 'event_action') === 'trigger' && field(told, 'payload') === undefined ? 'no payload' : null,
  takes: (answer, told) =>
    answerJson(answer, 202, { status: 'success', dedup_key: field(told, 'dedup_key') }),
}

export const TWILIO: Ways = {
  rules: [{ most: 1, perMs: 1_000, of: told => new URLSearchParams(told.body).get('From') }],
  admits: told => told.headers.authorization === `Basic ${Buffer.from('AC1:right').toString('base64')}`,
  refuses: answer => answerJson(answer, 401, { code: 20003, message: 'Authenticate', status: 401 }),
  over: answer => answerJson(answer, 429, { code: 20429, message: 'Too Many Requests', status: 429 }),
  wrong: told => longer(new URLSearchParams(told.body).get('Body'), 1_600),
  takes(answer, told) {
    if (new URLSearchParams(told.body).get('To') === '+1000')
      return answerJson(answer, 400, { code: 21211, message: "The 'To' number is not a valid phone number." })
    answerJson(answer, 201, { sid: 'SM1' })
  },
}

export const SENDGRID: Ways = {
  rules: [{ most: 600, perMs: 60_000, of: () => 'key' }],
  admits: told => told.headers.authorization === 'Bearer right',
  refuses: answer =>
    answerJson(answer, 401, { errors: [{ message: 'The provided authorization grant is invalid' }] }),
  over: (answer, leftMs) =>
    answerJson(
      answer,
      429,
      { errors: [{ message: 'too many requests' }] },
      {
        'x-ratelimit-reset': String(Math.ceil((Date.now() + leftMs) / 1_000)),
      },
    ),
  wrong: told => longer(field(told, 'subject'), 998),
  takes: answer => void answer.writeHead(202, { 'x-message-id': 'sg1' }).end(),
}
