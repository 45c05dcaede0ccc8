import type { Secret } from '../../kernel/secret.ts'
import type { Channel, Draw, Outcome } from '../../watch/messages/channel.ts'
import { pictureOf, plainText } from './words.ts'

const MOST = 100_000
const TIMEOUT_MS = 14_000
const DNS_MS = 5_000
const ONE_ADDRESS = /^[^\s@,;:<>()[\]\\"]+@[^\s@,;:<>()[\]\\"]+$/

export interface EmailSettings {
  to: string
  from: string
  host: string
  port: number
  user: string | null
}

/** What nodemailer says of a failure. */
interface MailError extends Error {
  code?: string
  command?: string
  responseCode?: number
}

/** E-mail by SMTP. nodemailer is loaded with the first message. */
export const email = (
  { to, from, host, port, user }: EmailSettings,
  password: Secret | null,
  draw: Draw,
): Channel => ({
  digests: true,
  limits: [{ scope: `email ${to}`, most: 20, perMs: 60_000 }],
  letters: { limits: [{ scope: `letters ${host}`, most: 120, perMs: 60_000 }] },
  async send(key, content, signal) {
    const { letter } = content
    const goal = letter?.to ?? to
    // nodemailer reads addresses out of what it is given, and would take several of them.
    if (!ONE_ADDRESS.test(goal)) return { type: 'bounced', why: 'no e-mail address' }
    const { createTransport } = await import('nodemailer')
    const transport = createTransport({
      host,
      port,
      // On 465 TLS begins at once, elsewhere by STARTTLS, which a password never goes without.
      secure: port === 465,
      requireTLS: user !== null && port !== 465,
      ...(user === null ? {} : { auth: { user, pass: password?.reveal() ?? '' } }),
      dnsTimeout: DNS_MS,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
      // A message of ours has no files of the disk and no pages of others.
      disableFileAccess: true,
      disableUrlAccess: true,
    })
    const stop = () => transport.close()
    signal.addEventListener('abort', stop, { once: true })
    const png = await pictureOf(content, draw)
    try {
      const sent = await transport.sendMail({
        from: { name: letter?.fromName ?? '', address: from },
        to: goal,
        subject: content.title,
        text: plainText(content, MOST),
        ...(letter?.html === undefined ? {} : { html: letter.html }),
        attachments: png === null ? [] : [{ filename: 'chart.png', content: Buffer.from(png) }],
        // The same for each try: mailboxes that know it show one.
        messageId: `<${key}@${from.split('@').at(-1)}>`,
        headers: { ...letter?.headers, 'Auto-Submitted': 'auto-generated' },
      })
      return { type: 'sent', reference: sent.messageId ?? null }
    } catch (error) {
      return outcomeOf(error as MailError)
    } finally {
      signal.removeEventListener('abort', stop)
      transport.close()
    }
  },
})

/**
 * 4xx: later, also of greylisting, which says no time. 5xx of the recipient: a bounce. Other 5xx and sign-in: refused; a 5xx
 * after the words of the mail is about these.
 */
function outcomeOf({ message: why, responseCode, command, code }: MailError): Outcome {
  if (code === 'EAUTH') return { type: 'refused', why }
  const address = command === 'RCPT TO'
  if (responseCode === undefined || responseCode < 500)
    return { type: 'later', why, afterMs: null, ...(address ? { alone: true } : {}) }
  if (address) return { type: 'bounced', why }
  return { type: 'refused', why, ...(command === 'DATA' ? { alone: true } : {}) }
}
