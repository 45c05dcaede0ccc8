import { Secret } from '../../kernel/secret.ts'
import type { Channel, Draw } from '../../watch/messages/channel.ts'
import type { ChannelSettings } from '../../watch/messages/wire.ts'
import { discord } from './discord.ts'
import { email } from './email.ts'
import { ntfy } from './ntfy.ts'
import { pagerduty } from './pagerduty.ts'
import { sendgrid } from './sendgrid.ts'
import { slack } from './slack.ts'
import { telegram } from './telegram.ts'
import { twilio } from './twilio.ts'
import { webhook } from './webhook.ts'

/** The channel of a provider. */
export function openChannel(settings: ChannelSettings, given: Secret | null, draw: Draw): Channel {
  const secret = given ?? new Secret('')
  switch (settings.kind) {
    case 'email':
      return email(settings, given, draw)
    case 'sendgrid':
      return sendgrid(settings, secret, draw)
    case 'telegram':
      return telegram(settings, secret, draw)
    case 'slack':
      return slack(secret)
    case 'discord':
      return discord(secret, draw)
    case 'webhook':
      return webhook(settings.url, secret)
    case 'pagerduty':
      return pagerduty(settings.at, secret)
    case 'twilio':
      return twilio(settings, secret)
    case 'ntfy':
      return ntfy(settings.url, given)
  }
}
