import type { OpenPart } from '../../parts/part.ts'
import type { Messages } from './messages.ts'
import { type MessageRoutePorts, messageRoutes } from './routes.ts'

export interface Needs {
  messages: Messages
  audit: MessageRoutePorts['audit']
}

export const open = (needs: Needs): OpenPart => ({
  timers: [{ name: 'messages', everyMs: 60_000, work: () => needs.messages.tick() }],
  alarms: () => needs.messages.alarms(),
  routes: app => messageRoutes(app, needs),
})
