import { backupLock } from '../../apps/app/names.ts'
import type { Plan } from '../../engine/plan.ts'
import { showDuration } from '../../kernel/durations.ts'
import type { Chosen } from '../restores/plan.ts'
import type { RestoreStep } from '../restores/step.ts'
import type { CopyStep } from './step.ts'

export type Steps = CopyStep | Extract<RestoreStep, { kind: `restore.${string}` | 'copy.remove' }>

export interface CopyWish {
  app: string
  copy: string
  chosen: Chosen
  port: number
  forMs: number
}

/** Plans a copy to look at. It is a server of its own: no app is touched or has to wait. */
export function planCopy({ app, copy, chosen, port, forMs }: CopyWish): Plan<Steps> {
  const { place, target, at, says } = chosen
  const of = { app, copy }
  return {
    kind: 'copy',
    title: `copy ${app} at ${says} to look at, as ${copy}`,
    app,
    release: null,
    locks: [lockOf(copy), backupLock(app)],
    steps: [
      { does: { kind: 'copy.begin', ...of, at, says, port }, undo: { kind: 'copy.forget', ...of } },
      { does: { kind: 'restore.check', app, place, target, at }, undo: null },
      {
        does: { kind: 'restore.fetch', ...of, place, target, says, port },
        undo: { kind: 'copy.remove', app, copy },
      },
      { does: { kind: 'restore.reach', ...of, says }, undo: null },
      { does: { kind: 'copy.open', ...of, forMs }, undo: null },
    ],
    cleanup: [],
    notices: [
      `${app} goes on as it is`,
      `the copy goes by itself after ${showDuration(forMs)}; sooner: \`inn copies remove ${copy}\``,
    ],
  }
}

export const planEnd = (app: string, copy: string): Plan<Steps> => ({
  kind: 'copy-remove',
  title: `remove the copy ${copy}`,
  app,
  release: null,
  locks: [lockOf(copy)],
  steps: [],
  cleanup: [{ kind: 'copy.end', app, copy }],
  notices: [],
})

const lockOf = (copy: string): string => `copy:${copy}`
