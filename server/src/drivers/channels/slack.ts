import type { Secret } from '../../kernel/secret.ts'
import type { Channel } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'
import { plainText } from './words.ts'

const MOST = 3_000

/** An incoming webhook of Slack, or of what speaks the same (Mattermost, Rocket.Chat): one message a second. The whole address is secret. */
export const slack = (url: Secret): Channel => ({
  digests: true,
  limits: [{ scope: `slack ${url.reveal()}`, most: 1, perMs: 1_000 }],
  async send(_, content, signal) {
    // These three are all that Slack reads as marks in a text.
    const text = plainText(content, MOST)
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
    return judged(await post({ url: url.reveal(), body: { text }, signal }))
  },
})
