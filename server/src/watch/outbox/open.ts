import { showDuration } from '../../kernel/durations.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { count } from '../../kernel/words.ts'
import type { OpenPart } from '../../parts/part.ts'
import type { Doors } from './doors.ts'
import { type OutboxRoutePorts, outboxRoutes } from './routes.ts'

export type Needs = OutboxRoutePorts & { doors: Doors }

export const open = ({ doors, ...needs }: Needs): OpenPart => ({
  timers: [
    { name: 'outbox', everyMs: 60_000, work: () => needs.outbox.tick() },
    { name: 'sockets of apps', everyMs: 60_000, work: () => doors.look() },
  ],
  alarms: async () =>
    (await needs.outbox.overdue()).map(
      ({ app, channel, n, oldest }): Alarm => ({
        code: 'outbox.late',
        level: 'soon',
        what: `${count(n, 'message')} of ${app} by ${channel} should have gone, the first ${showDuration(needs.clock.now() - oldest)} ago`,
        fix: `\`inn outbox list ${app}\` and \`inn notify list\` show what they wait for`,
      }),
    ),
  routes: app => outboxRoutes(app, needs),
})
