import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { Alarm } from '../../../server/src/kernel/wire-alarm.ts'

interface Seen {
  apps: ReadonlyArray<Pick<AppStatus, 'name' | 'state'>>
  alarms: ReadonlyArray<Pick<Alarm, 'code' | 'level'>>
}

/** What is wrong now, in a few words: names of apps, and the subjects of alarms (`backup.overdue` → backup). */
export function troubles({ apps, alarms }: Seen): string[] {
  const ailing = apps.filter(app => app.state === 'down' || app.state === 'degraded')
  const late = alarms.filter(alarm => alarm.level === 'late').map(alarm => alarm.code.split('.')[0]!)
  return [...ailing.map(app => `${app.name} ${app.state}`), ...new Set(late)]
}
