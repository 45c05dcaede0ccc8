import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Secret } from '../../kernel/secret.ts'
import { type Headers, headerOf } from './payload.ts'
import type { Provider } from './wire.ts'

/** HMAC-SHA-256 of the body, as hexadecimal digits. */
export const signed = (secret: Secret, body: Buffer): string =>
  createHmac('sha256', secret.reveal()).update(body).digest('hex')

/**
 * Whether a request comes from who knows the secret: GitHub, Gitea and Forgejo sign the body with it, GitLab sends it.
 * Of two headers the provider's own one counts: a good one does not make up for a bad one.
 */
export function isSigned(
  provider: Provider,
  secret: Secret,
  { headers, body }: { headers: Headers; body: Buffer },
): boolean {
  switch (provider) {
    case 'github':
      return same(headerOf(headers, ['x-hub-signature-256']), `sha256=${signed(secret, body)}`)
    case 'gitea':
      return same(headerOf(headers, ['x-gitea-signature']), signed(secret, body))
    case 'forgejo':
      return same(headerOf(headers, ['x-forgejo-signature', 'x-gitea-signature']), signed(secret, body))
    case 'gitlab':
      return same(headerOf(headers, ['x-gitlab-token']), secret.reveal())
  }
}

/** Takes as long for a text that is nearly right as for any other of its length. */
function same(given: string | null, wanted: string): boolean {
  const [a, b] = [Buffer.from(given ?? ''), Buffer.from(wanted)]
  return a.length === b.length && timingSafeEqual(a, b)
}
