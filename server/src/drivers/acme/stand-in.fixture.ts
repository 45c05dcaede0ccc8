import { once } from 'node:events'
import { createServer, request } from 'node:https'
import { buffer } from 'node:stream/consumers'
import { selfMade } from '../nginx/certificates.fixture.ts'
import type { Pebble } from './pebble.fixture.ts'

export interface StandIn {
  directory: string
  root: string
  /** What was asked for in each order that was placed. */
  orders: Array<{ profile?: string; replaces?: string }>
  /** Answers to questions for the time of renewal: by the name of the certificate. */
  renewals: Map<string, { body: unknown; headers: Record<string, string> }>
  /** Orders that replace a certificate are refused as long as this is set. */
  refuses: boolean
  close(): void
}

/**
 * Pebble with what its version lacks: renewal information (RFC 9773) and profiles. Everything else is passed on, under
 * the name by which this was asked, because requests are signed with it.
 */
export async function startStandIn(pebble: Pebble, profiles: Record<string, string>): Promise<StandIn> {
  const own = await selfMade(['localhost'])
  const made: StandIn = {
    directory: '',
    root: own.chain,
    orders: [],
    renewals: new Map(),
    refuses: false,
    close: () => server.close(),
  }
  const { port } = new URL(pebble.directory)
  const server = createServer({ key: own.key, cert: own.chain }, async (asked, answer) => {
    const body = await buffer(asked)
    const name = /^\/renewal\/(.+)$/.exec(asked.url!)?.[1]
    if (name !== undefined) {
      const known = made.renewals.get(name)
      answer.writeHead(known === undefined ? 404 : 200, {
        'content-type': 'application/json',
        ...known?.headers,
      })
      return answer.end(JSON.stringify(known?.body ?? {}))
    }
    if (asked.url === '/order-plz') {
      const wish = payloadOf(body)
      if (made.refuses && wish.replaces !== undefined) {
        answer.writeHead(409, {
          'content-type': 'application/problem+json',
          'replay-nonce': await nonce(pebble),
        })
        return answer.end(
          JSON.stringify({ type: 'urn:ietf:params:acme:error:alreadyReplaced', detail: 'it was replaced' }),
        )
      }
    }
    const { method, url: path, headers } = asked
    const passed = request({ host: 'localhost', port, path, method, headers, ca: pebble.root, agent: false })
    passed.end(body)
    const [got] = await once(passed, 'response')
    const text = await buffer(got)
    // Not those whose nonce it refused: they are sent again.
    if (asked.url === '/order-plz' && got.statusCode === 201) made.orders.push(payloadOf(body))
    const more = {
      renewalInfo: `${made.directory.replace('/dir', '')}/renewal`,
      meta: { profiles, caaIdentities: ['pebble.test'] },
    }
    const told =
      path === '/dir' ? Buffer.from(JSON.stringify({ ...JSON.parse(text.toString()), ...more })) : text
    const { 'transfer-encoding': _, ...kept } = got.headers
    answer.writeHead(got.statusCode, { ...kept, 'content-length': told.length })
    answer.end(told)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  made.directory = `https://localhost:${(server.address() as { port: number }).port}/dir`
  return made
}

function payloadOf(body: Buffer): { profile?: string; replaces?: string } {
  const { payload } = JSON.parse(body.toString()) as { payload: string }
  return JSON.parse(Buffer.from(payload, 'base64url').toString())
}

async function nonce(pebble: Pebble): Promise<string> {
  const asked = request(pebble.directory.replace('/dir', '/nonce-plz'), {
    method: 'HEAD',
    ca: pebble.root,
    agent: false,
  })
  asked.end()
  const [answer] = await once(asked, 'response')
  return answer.headers['replay-nonce']
}
