import { Failure } from '../../kernel/failure.ts'
import { type App, currentRelease, releaseAfter, releaseBefore } from '../app/app.ts'
import type { Release } from '../releases/release.ts'

/** The release that a rollback leads to, by its id or by the way there. */
export function rollbackTarget(
  app: App,
  releases: readonly Release[],
  wanted: string | 'back' | 'forward',
): Release {
  const ready = releases.filter(one => one.state === 'ready').map(one => one.id)
  const id =
    wanted === 'back' ? releaseBefore(app, ready) : wanted === 'forward' ? releaseAfter(app, ready) : wanted
  if (id === null) throw nothing(app, ready, wanted)
  const found = releases.find(r => r.id === id)
  const why = found === undefined ? 'it was never made' : UNUSABLE[found.state]
  if (found === undefined || why !== null)
    throw new Failure('rollback.unusable', `${app.name} cannot return to ${id}`, {
      why: why ?? 'its files are gone',
      fix: `\`inn releases ${app.name}\` lists the ones that are ready`,
    })
  return found
}

const UNUSABLE: Record<Release['state'], string | null> = {
  ready: null,
  pruned: 'its files were removed; keep: in innkeeper.yaml says how many stay',
  failed: 'its deploy failed, it never served',
  building: 'it is being built',
}

function nothing(app: App, ready: readonly string[], wanted: string): Failure {
  const now = currentRelease(app)
  const other = wanted === 'back' ? releaseAfter(app, ready) : releaseBefore(app, ready)
  return new Failure(
    'rollback.none',
    wanted === 'back'
      ? `${app.name} has no release to return to`
      : `${app.name} has no release to go forward to`,
    {
      why: `${now} serves, and no ${wanted === 'back' ? 'older' : 'newer'} release is ready`,
      fix:
        other === null
          ? `\`inn releases ${app.name}\``
          : wanted === 'back'
            ? `\`inn forward ${app.name}\` leads to ${other}`
            : `\`inn rollback ${app.name}\` leads to ${other}`,
    },
  )
}
