import { openChannel } from '../drivers/channels/open.ts'
import { dns } from '../drivers/host/dns.ts'
import { randomText } from '../drivers/host/random.ts'
import { draw } from '../drivers/rsvg/rsvg.ts'
import { createMessages, type Messages } from '../watch/messages/messages.ts'
import type { Ground } from './ground.ts'

/** Channels and the ledger of messages, for one home. */
export async function wireMessages({ store, clock, secret, settings, log }: Ground): Promise<Messages> {
  const names = dns(settings.resolver ?? null)
  return createMessages({
    store,
    clock,
    log,
    open: (settings, given) => openChannel(settings, given, draw),
    async texts(name) {
      const answers = await names.texts(name)
      const told = answers.filter(one => one !== null)
      if (told.length === 0) throw new Error(`nobody answers for ${name}`)
      return told[0]!
    },
    chance: Math.random,
    me: `keeper ${process.pid} ${randomText(6)}`,
    server: (await secret('server-name')).slice(0, 12),
  })
}
