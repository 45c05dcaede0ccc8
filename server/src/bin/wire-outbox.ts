import { createHash, timingSafeEqual } from 'node:crypto'
import { templateStore } from '../apps/templates/store.ts'
import { openDoor } from '../drivers/host/app-socket.ts'
import { exists } from '../drivers/host/files.ts'
import { liquid } from '../drivers/liquid/apart.ts'
import { describe } from '../kernel/failure.ts'
import type { Messages } from '../watch/messages/messages.ts'
import { createDoors, type Doors } from '../watch/outbox/doors.ts'
import { createOutbox, type Outbox } from '../watch/outbox/outbox.ts'
import type { Keeper } from './wire.ts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const bytes = (text: string): Buffer => createHash('sha256').update(text).digest()
/** A run writes to its journal many times in a second. */
const SOON_MS = 100

/** Messages of apps, and the sockets at which apps reach the keeper. */
export function wireOutbox(keeper: Keeper, messages: Messages): { outbox: Outbox; doors: Doors } {
  const { home, apps, releases, store, clock, deployPorts, engine, log } = keeper
  const onDefect = (error: unknown) =>
    log('error', 'messages of apps do not go on', { error: describe(error) })
  const outbox = createOutbox({
    ...{ store, clock, messages, onDefect, sha256, random: deployPorts.random },
    templates: templateStore(store),
    renderer: liquid(),
    app: name => apps.find(name),
    release: (app, id) => releases.find(app, id),
  })
  const doors = createDoors(
    {
      ...{ home, apps, openDoor, exists, onDefect, account: deployPorts.account },
      same: (one, other) => timingSafeEqual(bytes(one), bytes(other)),
    },
    outbox,
  )
  let soon: NodeJS.Timeout | null = null
  engine.on(event => {
    if (event.type !== 'run' || soon !== null) return
    soon = setTimeout(() => {
      soon = null
      doors.look().catch(onDefect)
    }, SOON_MS)
  })
  return { outbox, doors }
}
