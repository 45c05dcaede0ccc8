import type { Secret } from '../../kernel/secret.ts'
import type { Channel } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'
import { cut } from './words.ts'

/** Two parts of an SMS in UCS-2, because each part is paid for. */
const MOST = 134

/** What Twilio says of a number that takes nothing: not a number, not a mobile one, taken off by its owner. */
const GONE = new Set([21211, 21610, 21614])

export interface TwilioSettings {
  account: string
  from: string
  to: string
  at: string
}

/** An SMS by Twilio: one a second of a long number. */
export const twilio = ({ account, from, to, at }: TwilioSettings, token: Secret): Channel => ({
  digests: true,
  limits: [
    { scope: `twilio ${account} ${from}`, most: 1, perMs: 1_000 },
    // Somebody who is woken by ten of them reads no more.
    { scope: `twilio ${to}`, most: 10, perMs: 60_000 },
  ],
  async send(_, { title }, signal) {
    const body = new URLSearchParams({ From: from, To: to, Body: cut(title, MOST) }).toString()
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${account}:${token.reveal()}`).toString('base64')}`,
    }
    const url = `${at}/2010-04-01/Accounts/${encodeURIComponent(account)}/Messages.json`
    const said = await post({ url, headers, body, signal })
    const outcome = judged(said, typeof said.json['sid'] === 'string' ? said.json['sid'] : null)
    const gone = outcome.type === 'refused' && GONE.has(Number(said.json['code']))
    return gone ? { type: 'bounced', why: outcome.why } : outcome
  },
})
