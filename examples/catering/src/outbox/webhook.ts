import type { OutboxMessage } from './schema.ts'

const PATIENCE_MS = 5000

export type Deliver = (message: OutboxMessage) => Promise<void>

/** The token under which it is injected. */
export const DELIVER = Symbol('deliver')

/** Without an address nothing is delivered, and every message counts as sent. */
export function deliverTo(url: string): Deliver {
  return async ({ id, kind, payload, createdAt }) => {
    if (!url) return
    const response = await fetch(url, {
      method: 'POST',
      // Of a process that is killed between the answer and the commit the message comes twice, with the same key.
      headers: { 'content-type': 'application/json', 'idempotency-key': String(id) },
      body: JSON.stringify({ id, kind, payload, createdAt }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`)
  }
}
