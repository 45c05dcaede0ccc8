import { Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import type { ChannelSettings } from './wire.ts'

/** What may be said with `inn notify add`. */
export interface AddFlags {
  email?: string
  smtp: string
  user?: string
  sendgrid?: string
  telegram?: string
  slack?: boolean
  discord?: boolean
  webhook?: string
  pagerduty?: boolean
  sms?: string
  ntfy?: string
  from?: string
  account?: string
  at?: string
}

interface Kind {
  /** The variable that its secret comes in; null: it may have none. */
  secret: string
  needsSecret: boolean
  settings(flags: AddFlags): ChannelSettings
}

/** One row for each kind, by the option that asks for it. */
const KINDS = {
  email: {
    secret: 'SMTP_PASSWORD',
    needsSecret: false,
    settings({ email, smtp, user, from }) {
      const [, host, port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(smtp)!
      const mail = { host: host!, port: Number(port ?? 587), user: user ?? null }
      // A mail server lets a person write to themselves where it lets nobody write in another name.
      const sender = from ?? (user?.includes('@') ? user : email!)
      return { kind: 'email', to: email!, from: sender, ...mail }
    },
  },
  sendgrid: {
    secret: 'SENDGRID_API_KEY',
    needsSecret: true,
    settings: ({ sendgrid, from, at = 'https://api.sendgrid.com' }) => ({
      ...{ kind: 'sendgrid', to: sendgrid!, at },
      from: needed('from', from),
    }),
  },
  telegram: {
    secret: 'TELEGRAM_TOKEN',
    needsSecret: true,
    settings: ({ telegram, at = 'https://api.telegram.org' }) => ({ kind: 'telegram', chat: telegram!, at }),
  },
  slack: { secret: 'SLACK_URL', needsSecret: true, settings: () => ({ kind: 'slack' }) },
  discord: { secret: 'DISCORD_URL', needsSecret: true, settings: () => ({ kind: 'discord' }) },
  webhook: {
    secret: 'WEBHOOK_SECRET',
    needsSecret: true,
    settings: ({ webhook }) => ({ kind: 'webhook', url: webhook! }),
  },
  pagerduty: {
    secret: 'PAGERDUTY_KEY',
    needsSecret: true,
    settings: ({ at = 'https://events.pagerduty.com' }) => ({ kind: 'pagerduty', at }),
  },
  sms: {
    secret: 'TWILIO_TOKEN',
    needsSecret: true,
    settings: ({ sms, from, account, at = 'https://api.twilio.com' }) => ({
      ...{ kind: 'twilio', to: sms!, at },
      ...{ account: needed('account', account), from: needed('from', from) },
    }),
  },
  ntfy: { secret: 'NTFY_TOKEN', needsSecret: false, settings: ({ ntfy }) => ({ kind: 'ntfy', url: ntfy! }) },
} satisfies Partial<Record<keyof AddFlags, Kind>>

const NAMES = Object.keys(KINDS) as Array<keyof typeof KINDS>

/** What a new channel is to be, from the options and the secrets that came beside them. */
export function given(
  flags: AddFlags,
  env: Record<string, string>,
): { settings: ChannelSettings; secret: string } {
  const [name, ...others] = NAMES.filter(one => flags[one] !== undefined)
  if (name === undefined || others.length > 0)
    throw new Failure('usage.channel', 'which kind of channel?', {
      why: name === undefined ? 'none was named' : `several were: ${list([name, ...others])}`,
      fix: `one of ${list(NAMES.map(one => `--${one}`))}`,
    })
  const kind: Kind = KINDS[name]
  const secret = env[kind.secret] ?? ''
  if (secret === '' && (kind.needsSecret || flags.user !== undefined))
    throw new Failure('usage.channel-secret', `--${name} needs ${kind.secret}`, {
      why: 'it is not among what --env-file and --env give',
      fix: `--env-file FILE with the line ${kind.secret}=…, or --env-file - from standard input`,
    })
  return { settings: kind.settings(flags), secret }
}

function needed(option: string, value: string | undefined): string {
  if (value !== undefined) return value
  throw new Failure('usage.channel-option', `--${option} is missing`, {
    why: 'this kind of channel cannot do without',
    fix: '`inn notify add --help` shows what each kind takes',
  })
}
