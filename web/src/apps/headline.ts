import type { AppStatus } from '../../../server/src/apps/app/wire.ts'
import type { Alarm } from '../../../server/src/kernel/wire-alarm.ts'
import { list } from '../kit/words.ts'

interface Seen {
  apps: ReadonlyArray<Pick<AppStatus, 'name' | 'state'>>
  alarms: ReadonlyArray<Pick<Alarm, 'code' | 'level'>>
}

/** The sentence that somebody reads first at two in the morning. What is wrong beside the apps is named too. */
export function headline({ apps, alarms }: Seen): string {
  const late = alarms.filter(alarm => alarm.level === 'late').map(alarm => alarm.code.split('.')[0]!)
  const subjects = [...new Set(late)]
  if (subjects.length === 0) return ofApps(apps)
  return `${ofApps(apps)}, and there is an alarm about ${list(subjects)}`
}

function ofApps(apps: Seen['apps']): string {
  const named = (state: AppStatus['state']) => apps.filter(app => app.state === state).map(app => app.name)
  const is = (names: string[], what: string) => `${list(names)} ${names.length === 1 ? 'is' : 'are'} ${what}`
  const trouble = (['down', 'degraded'] as const).filter(state => named(state).length > 0)
  if (trouble.length > 0) return trouble.map(state => is(named(state), state)).join('; ')
  const closed = named('maintenance')
  if (closed.length > 0) return is(closed, 'closed for maintenance')
  const serving = named('serving')
  if (apps.length === 0) return 'No apps yet'
  if (serving.length === 0) return 'Nothing is serving'
  // One that sleeps serves whoever asks for it.
  if (serving.length + named('asleep').length === apps.length)
    return serving.length === 1 && apps.length === 1 ? `${serving[0]} is serving` : 'All apps are serving'
  return is(serving, 'serving')
}
