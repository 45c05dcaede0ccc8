import type { Secret } from '../../kernel/secret.ts'
import type { Channel, Draw } from '../../watch/messages/channel.ts'
import { formOf, judged, post } from './post.ts'
import { pictureOf, plainText } from './words.ts'

const MOST = 2_000
const SECOND = 1_000

/** A webhook of Discord: five requests in two seconds, 30 in a minute. The whole address is secret. */
export const discord = (url: Secret, draw: Draw): Channel => ({
  digests: true,
  limits: [
    { scope: `discord ${url.reveal()}`, most: 5, perMs: 2 * SECOND },
    { scope: `discord ${url.reveal()}`, most: 30, perMs: 60 * SECOND },
  ],
  async send(_, content, signal) {
    // Nobody is called by an @everyone that stands in the log of an app.
    const body = { content: plainText(content, MOST), allowed_mentions: { parse: [] } }
    const to = new URL(url.reveal())
    to.searchParams.set('wait', 'true')
    const png = await pictureOf(content, draw)
    const whole = png === null ? body : formOf({ payload_json: body }, 'files[0]', png)
    const said = await post({ url: to.href, body: whole, signal })
    const outcome = judged(said, typeof said.json['id'] === 'string' ? said.json['id'] : null)
    // In the body, in seconds with a fraction; the header is rounded.
    const seconds = said.json['retry_after']
    return outcome.type === 'later' && typeof seconds === 'number'
      ? { ...outcome, afterMs: seconds * SECOND }
      : outcome
  },
})
