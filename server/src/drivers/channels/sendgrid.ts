import type { Secret } from '../../kernel/secret.ts'
import type { Channel, Draw, Letter } from '../../watch/messages/channel.ts'
import { judged, post } from './post.ts'
import { pictureOf, plainText } from './words.ts'

const MOST = 100_000

export interface SendgridSettings {
  to: string
  from: string
  at: string
}

/** E-mail by SendGrid's API: 600 requests a minute, of which we take few, to stay out of spam. */
export const sendgrid = ({ to, from, at }: SendgridSettings, key: Secret, draw: Draw): Channel => ({
  digests: true,
  limits: [{ scope: `sendgrid ${to}`, most: 20, perMs: 60_000 }],
  letters: { limits: [{ scope: `letters ${at}`, most: 300, perMs: 60_000 }] },
  async send(id, content, signal) {
    const png = await pictureOf(content, draw)
    const { letter } = content
    const html = letter?.html === undefined ? [] : [{ type: 'text/html', value: letter.html }]
    const body = {
      personalizations: [{ to: [{ email: letter?.to ?? to }] }],
      from: fromOf(from, letter),
      subject: content.title,
      content: [{ type: 'text/plain', value: plainText(content, MOST) }, ...html],
      ...(letter?.headers === undefined ? {} : { headers: letter.headers }),
      custom_args: { id },
      ...(png === null ? {} : { attachments: [attached(png)] }),
    }
    const headers = { authorization: `Bearer ${key.reveal()}` }
    const said = await post({ url: `${at}/v3/mail/send`, headers, body, signal })
    const name = said.headers['x-message-id']
    const outcome = judged(said, typeof name === 'string' ? name : null)
    // What it reads and does not take is this letter: the key and the sender are refused with others.
    if (letter !== undefined && outcome.type === 'refused' && /^(?:400|413) /.test(outcome.why))
      return { ...outcome, alone: true }
    if (outcome.type !== 'later' || outcome.afterMs !== null) return outcome
    // The moment at which the limit begins anew, in seconds since 1970.
    const reset = Number(said.headers['x-ratelimit-reset'] ?? Number.NaN)
    return Number.isNaN(reset) ? outcome : { ...outcome, afterMs: Math.max(0, reset * 1_000 - Date.now()) }
  },
})

/** Whoever gets a letter of an app need not know what runs it. */
function fromOf(email: string, letter: Letter | undefined) {
  const name = letter === undefined ? 'Innkeeper' : letter.fromName
  return { email, ...(name === undefined ? {} : { name }) }
}

const attached = (png: Uint8Array) => ({
  content: Buffer.from(png).toString('base64'),
  ...{ filename: 'chart.png', type: 'image/png', disposition: 'attachment' },
})
