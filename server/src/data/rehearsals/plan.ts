import { backupLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import type { Chosen } from '../restores/plan.ts'
import type { RestoreStep } from '../restores/step.ts'
import type { RehearsalStep } from './step.ts'

export type Steps =
  | RehearsalStep
  | Extract<RestoreStep, { kind: 'restore.check' | 'restore.fetch' | 'restore.reach' | 'copy.remove' }>

export interface RehearsalWish {
  app: string
  upload: string
  chosen: Chosen
}

/** One at a time for each app, so that a name of its own is enough. */
export const COPY = 'rehearsal'

/** Plans the migrations of a source on a copy of the app's data. The copy is removed in any case; no app is touched. */
export function planRehearsal({ app, upload, chosen }: RehearsalWish): Plan<Steps> {
  const { place, target, at, says } = chosen
  const of = { app, copy: COPY }
  const remove: Steps = { kind: 'copy.remove', ...of }
  return {
    kind: 'rehearsal',
    title: `rehearse the migrations of ${app} on its data of ${says}`,
    app,
    release: null,
    locks: [`copy:${app}:${COPY}`, backupLock(app)],
    steps: [
      { does: { kind: 'restore.check', app, place, target, at }, undo: null },
      { does: { kind: 'restore.fetch', ...of, place, target, says }, undo: remove },
      { does: { kind: 'restore.reach', ...of, says }, undo: null },
      { does: { kind: 'rehearsal.run', ...of, upload, says }, undo: null },
    ],
    cleanup: [remove],
    notices: [`${app} goes on as it is; the copy is removed in the end`],
  }
}
