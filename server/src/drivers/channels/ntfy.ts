import type { Secret } from '../../kernel/secret.ts'
import type { Channel, Level } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'
import { cut } from './words.ts'

const PRIORITY: Record<Level, number> = { late: 5, soon: 4, over: 2 }
const MOST_BYTES = 4_096
/** A character takes three bytes at most in UTF-16 of half its length. */
const MOST = Math.floor(MOST_BYTES / 3)

/** A topic of ntfy.sh or of one's own server: a burst of 60, then one in five seconds. The burst is left to others at the same address. */
export function ntfy(address: string, token: Secret | null): Channel {
  const url = new URL(address)
  const topic = url.pathname.slice(1)
  return {
    digests: true,
    limits: [{ scope: `ntfy ${url.host}`, most: 12, perMs: 60_000 }],
    async send(_, { level, title, text, link }, signal) {
      const body = {
        topic,
        title: cut(title, 250),
        message: cut(text === '' ? title : text, MOST),
        priority: PRIORITY[level],
        ...(link === null ? {} : { click: link }),
      }
      const headers: Record<string, string> =
        token === null ? {} : { authorization: `Bearer ${token.reveal()}` }
      const said = await post({ url: url.origin, headers, body, signal })
      return judged(said, typeof said.json['id'] === 'string' ? said.json['id'] : null)
    },
  }
}
