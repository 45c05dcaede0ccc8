import type { App } from '../../apps/app/app.ts'
import type { OpenDoor } from '../../apps/app/socket.ts'
import type { Home } from '../../config/home.ts'
import { APP_TOKEN } from '../../config/messages.ts'
import { inTurns } from '../../kernel/turns.ts'
import type { Account } from '../../servers/confinement/account.ts'
import { outboxCalls } from './calls.ts'
import type { Outbox } from './outbox.ts'

export interface DoorPorts {
  home: Pick<Home, 'app'>
  apps: { all(): Promise<App[]>; secrets(app: string): Promise<Readonly<Record<string, string>>> }
  account(app: string): Promise<Account | null>
  openDoor: OpenDoor
  /** Compares in a time that does not depend on where they differ. */
  same(one: string, other: string): boolean
  exists(path: string): Promise<boolean>
  onDefect(error: unknown): void
}

interface Door {
  token: string
  close(): Promise<void>
}

export type Doors = ReturnType<typeof createDoors>

/** A socket for each app that has a token: there before its first release starts, and gone with the app. */
export function createDoors(ports: DoorPorts, outbox: Outbox) {
  const doors = new Map<string, Door>()
  const turn = inTurns()

  async function open(app: string, token: string): Promise<void> {
    const { settings, socket: path } = ports.home.app(app)
    if (!(await ports.exists(settings))) return
    const isToken = (said: string) => ports.same(said, doors.get(app)?.token ?? '')
    const answer = outboxCalls(app, { outbox, isToken })
    const { close } = await ports.openDoor({ path, account: await ports.account(app), answer })
    doors.set(app, { token, close })
  }

  async function shut(app: string): Promise<void> {
    const door = doors.get(app)
    doors.delete(app)
    await door?.close()
  }

  async function look(): Promise<void> {
    const apps = await ports.apps.all()
    const names = new Set(apps.map(({ name }) => name))
    for (const app of [...doors.keys()]) {
      // A folder that was removed and made again has no socket in it any more.
      if (!names.has(app) || !(await ports.exists(ports.home.app(app).socket))) await shut(app)
    }
    for (const { name: app } of apps) {
      const token = (await ports.apps.secrets(app))[APP_TOKEN]
      const door = doors.get(app)
      if (token === undefined) continue
      if (door === undefined) await open(app, token).catch(ports.onDefect)
      else door.token = token
    }
  }

  /** Opens what is missing, and closes what is left of apps that are gone. */
  return { look: (): Promise<void> => turn(look) }
}
