import { appLock, backupLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import type { RestoreStep } from '../restores/step.ts'
import type { DrillStep } from './step.ts'

export type Steps = DrillStep | Extract<RestoreStep, { kind: 'copy.remove' }>

export interface DrillWish {
  drill: string
  app: string
  point: string
  place: string
  /** Label of the backup at that place. */
  backup: string
  copy: string
  /** The timeline of the point. */
  timeline: number
  /** Why the point is no part of what the app has now, as a sentence; null: it is. */
  abandoned: string | null
  /** The release that is started on the copy. */
  release: string
  notices: readonly string[]
}

/** Plans a drill: level by level until one fails. The copy is removed in any case. */
export function planDrill({ notices, ...wish }: DrillWish): Plan<Steps> {
  const { drill, app, point, place, backup, copy, timeline, abandoned, release } = wish
  const of = { drill, app }
  const at = { ...of, point, place, backup }
  const remove: Steps = { kind: 'copy.remove', app, copy }
  return {
    kind: 'drill',
    title: `drill ${drill}: restore ${app} to ${point} on a copy`,
    app,
    release,
    locks: [appLock(app), backupLock(app)],
    steps: [
      {
        does: { kind: 'drill.begin', ...of, point, place, abandoned },
        undo: { kind: 'drill.break-off', ...of },
      },
      { does: { kind: 'drill.objects', ...at }, undo: null },
      { does: { kind: 'drill.checksums', ...at }, undo: null },
      { does: { kind: 'drill.copy', ...at, copy, timeline }, undo: remove },
      { does: { kind: 'drill.integrity', ...of, copy }, undo: null },
      { does: { kind: 'drill.content', ...of, copy, point }, undo: null },
      { does: { kind: 'drill.boot', ...of, copy, release }, undo: null },
      { does: { kind: 'drill.kit', ...at, copy }, undo: null },
      { does: { kind: 'drill.end', ...of }, undo: null },
    ],
    cleanup: [remove],
    notices: [
      ...(abandoned === null ? [] : [abandoned]),
      ...notices,
      `\`inn drill show ${drill}\` has the report`,
    ],
  }
}
