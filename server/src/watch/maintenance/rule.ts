import { showDuration } from '../../kernel/durations.ts'
import { minuteOf } from '../../kernel/moments.ts'
import type { Alarm } from '../../kernel/wire-alarm.ts'
import { list } from '../../kernel/words.ts'
import type { Content } from '../messages/channel.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS
/** While its commands go on after its end, it is made longer by so much, again and again. */
export const LONGER_MS = 5 * 60_000

export type Announcement = 'day' | 'hour'

/** A time in which visitors of an app are kept out. Times in milliseconds since 1970. */
export interface Window {
  id: number
  app: string
  state: 'planned' | 'on' | 'over' | 'cancelled' | 'missed'
  beginsAt: number
  endsAt: number
  text: string | null
  allow: readonly string[]
  commands: readonly string[]
  by: string
  told: readonly Announcement[]
  run: string | null
}

export type Act =
  | { type: 'tell'; which: Announcement }
  | { type: 'begin' | 'run' | 'lengthen' | 'end' | 'miss' }

/** What is to be done about a window now; null: nothing. `running`: whether its commands go on. */
export function due(
  { state, beginsAt, endsAt, told, commands, run }: Window,
  { now, running }: { now: number; running: boolean },
): Act | null {
  if (state === 'planned') {
    if (now >= endsAt) return { type: 'miss' }
    if (now >= beginsAt) return { type: 'begin' }
    // What is announced late is announced once: an hour before, the day before says nothing more.
    if (now >= beginsAt - HOUR_MS) return told.includes('hour') ? null : { type: 'tell', which: 'hour' }
    if (now >= beginsAt - DAY_MS) return told.includes('day') ? null : { type: 'tell', which: 'day' }
    return null
  }
  if (state !== 'on') return null
  // In time: at its end the edge opens by itself.
  if (running) return now >= endsAt - LONGER_MS / 2 ? { type: 'lengthen' } : null
  if (now >= endsAt) return { type: 'end' }
  return commands.length > 0 && run === null ? { type: 'run' } : null
}

type Told = Announcement | 'begin' | 'end' | 'miss' | 'cancel'

/** What people are told of it. */
export function contentOf(
  window: Window,
  which: Told,
  { now, link }: { now: number; link: string | null },
): Content {
  const { app, beginsAt, endsAt, text, by, commands, run } = window
  const when = `${minuteOf(beginsAt)} – ${minuteOf(endsAt).slice(11)}`
  const TITLES: Record<Told, string> = {
    day: `${app}: maintenance in ${showDuration(nearly(beginsAt - now))}, ${when}`,
    hour: `${app}: maintenance in ${showDuration(nearly(beginsAt - now))}, ${when}`,
    begin: `${app}: maintenance has begun, until ${minuteOf(endsAt)}`,
    end: `${app}: maintenance is over`,
    miss: `${app}: maintenance did not take place`,
    cancel: `${app}: the maintenance of ${when} is cancelled`,
  }
  const more = {
    day: ['Visitors get a page meanwhile.'],
    hour: ['Visitors get a page meanwhile.'],
    begin: ['Visitors get a page, and alerts of the app are quiet.'],
    end: [
      'Visitors get in again. What is still wrong is told now.',
      ...(commands.length > 0 && run === null
        ? ['Its commands did not run: something else changed the app.']
        : []),
    ],
    miss: ['The keeper did not run in that time.'],
    cancel: [],
  }[which]
  const steps = which === 'day' || which === 'hour' || which === 'begin' ? commands : []
  const lines = [
    ...(text === null ? [] : [text]),
    ...more,
    ...(steps.length === 0 ? [] : [`It runs ${list(steps)}.`]),
    `Planned by ${by}.`,
  ]
  const level = which === 'end' || which === 'cancel' ? 'over' : 'soon'
  return { level, title: TITLES[which], text: lines.join('\n'), incidents: [], link }
}

/** To the minute, as people say it. */
const nearly = (ms: number): number => Math.max(60_000, Math.round(ms / 60_000) * 60_000)

export const failed = ({ id, app, state }: Window): Alarm => ({
  code: 'maintenance.failed',
  level: 'late',
  what: `a command of maintenance ${id} of ${app} failed${state === 'on' ? ', and visitors are still kept out' : ''}`,
  fix: `\`inn history ${app}\` says why${state === 'on' ? `; \`inn maintenance end ${id}\` lets visitors in` : ''}`,
  app,
})
