import type { IncomingMessage, ServerResponse } from 'node:http'

export interface Person {
  id: number
  first_name: string
  username?: string
}
export interface Button {
  text: string
  callback_data?: string
  url?: string
}
export interface Message {
  message_id: number
  date: number
  edit_date?: number
  chat: { id: number; type: string; title?: string; first_name?: string }
  from: Person & { is_bot?: boolean }
  text: string
  reply_markup?: { inline_keyboard: Button[][] }
}
export interface Call {
  at: number
  token: string
  method: string
  payload: Payload
  answer: Answer
}
export interface Answer {
  ok: boolean
  result?: unknown
  error_code?: number
  description?: string
  parameters?: { retry_after?: number }
}
export interface Press {
  chat: number
  message: number
  button: string
  from: Person
}
export interface PressAnswer {
  text?: string
  show_alert?: boolean
}
export type Payload = Record<string, unknown>
export type Update = { update_id: number } & Payload

export class Refusal extends Error {
  readonly code: number
  readonly retryAfter: number | undefined
  constructor(code: number, description: string, retryAfter?: number) {
    super(description)
    this.code = code
    this.retryAfter = retryAfter
  }
}
export const bad = (what: string) => new Refusal(400, `Bad Request: ${what}`)

export const isTrue = (value: unknown) => value === true || value === 'true' || value === 'True'
/** In urlencoded bodies and queries, objects are JSON. */
export const parsed = (value: unknown) => (typeof value === 'string' ? JSON.parse(value) : value)
export const markupOf = (payload: Payload) => parsed(payload.reply_markup) as Message['reply_markup']

export function textOf(payload: Payload): string {
  const text = String(payload.text ?? '').trim()
  if (!text) throw bad('message text is empty')
  if (text.length > 4096) throw bad('message is too long')
  return text
}

export function refusal(error: unknown): Answer {
  const { code, retryAfter } = error instanceof Refusal ? error : { code: 400, retryAfter: undefined }
  const description = (error as Error).message
  return { ok: false, error_code: code, description, ...(retryAfter && { parameters: { retry_after: retryAfter } }) }
}

export async function bodyOf(request: IncomingMessage): Promise<Payload> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  if (!text) return {}
  return request.headers['content-type']?.includes('json')
    ? JSON.parse(text)
    : Object.fromEntries(new URLSearchParams(text))
}

export function send(response: ServerResponse, answer: Answer): void {
  if (response.destroyed) return
  response.writeHead(answer.error_code ?? 200, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answer))
}
