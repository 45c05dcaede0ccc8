import { createHmac } from 'node:crypto'
import type { Secret } from '../../kernel/secret.ts'
import type { Channel } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'

/** What a receiver computes to know that we sent this, and when: HMAC-SHA-256 of `TIME.BODY` with the secret. */
export const signature = (secret: Secret, seconds: number, body: string): string =>
  createHmac('sha256', secret.reveal()).update(`${seconds}.${body}`).digest('hex')

/** Any address that takes JSON. `innkeeper-id` is the same for each try, so that a receiver can leave out what it had. */
export const webhook = (url: string, secret: Secret): Channel => ({
  digests: false,
  limits: [],
  async send(key, content, signal) {
    const body = JSON.stringify({ id: key, ...content })
    // By the time of this try, because a receiver refuses what was signed long ago.
    const seconds = Math.floor(Date.now() / 1_000)
    const headers = {
      'content-type': 'application/json',
      'innkeeper-id': key,
      'innkeeper-signature': `t=${seconds},v1=${signature(secret, seconds, body)}`,
    }
    return judged(await post({ url, headers, body, signal }))
  },
})
