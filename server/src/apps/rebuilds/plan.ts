import type { Plan } from '../../engine/plan.ts'
import { buildLock } from '../app/names.ts'
import type { Release } from '../releases/release.ts'
import type { RebuildStep } from './step.ts'

/** Plans to build a release from nothing, beside its files. What was built is removed in any case. */
export function planRebuild({ app, id, config, artifacts }: Release): Plan<RebuildStep> {
  const of = { app, release: id }
  const clear: RebuildStep = { kind: 'rebuild.clear', app }
  const services = config.services.filter(({ name }) => artifacts[name] === id)
  return {
    kind: 'rebuild',
    title: `rebuild ${id} of ${app} from nothing`,
    app,
    release: id,
    // Nothing that serves is touched, so whatever changes instances goes on beside it.
    locks: [buildLock(app)],
    steps: [
      { does: { kind: 'rebuild.take', ...of }, undo: clear },
      ...services.map(({ name }) => ({
        does: { kind: 'rebuild.build' as const, ...of, service: name },
        undo: null,
      })),
      { does: { kind: 'rebuild.compare', ...of }, undo: null },
    ],
    cleanup: [clear],
    notices: ['what serves is not touched'],
  }
}
