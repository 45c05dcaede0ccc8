import type { Way } from '../../apps/templates/template.ts'
import type { ChannelSettings } from '../messages/wire.ts'

/** The kinds of channels that deliver to whom a message names. */
export const channelKinds: Record<Way, ReadonlyArray<ChannelSettings['kind']>> = {
  email: ['email', 'sendgrid'],
  telegram: ['telegram'],
}
