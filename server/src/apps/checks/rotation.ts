import type { Clock } from '../../kernel/clock.ts'
import type { Rotation } from '../../reach/edge/edge.ts'
import type { Watcher } from './watcher.ts'

/** A list that is not empty is told again after this, because an edge that was started again has forgotten it. */
const AGAIN_MS = 1_000
/** Longest wait for the first judgement of all instances of an app, after the keeper was started. */
const PATIENCE_MS = 5_000

interface Options {
  watcher: Pick<Watcher, 'rotation' | 'told'>
  edge: Rotation
  clock: Clock
  /** Called with each change, for the log. */
  say(app: string, peers: readonly string[]): void
}

/** Tells the edge which instances to leave out. It goes on with what it was told last while the keeper does not run. */
export function keepRotation({ watcher, edge, clock, say }: Options) {
  const told = new Map<string, { peers: string; at: number }>()
  const begun = clock.now()
  return async (): Promise<void> => {
    const now = clock.now()
    for (const [name, { peers, judged }] of watcher.rotation()) {
      const last = told.get(name)
      // What an earlier keeper told stays until every instance was judged.
      if (!judged && last === undefined && now - begun < PATIENCE_MS) continue
      const text = peers.join(' ')
      if (last?.peers === text && (text === '' || now - last.at < AGAIN_MS)) continue
      await edge.leaveOut(name, peers)
      watcher.told(name, peers)
      told.set(name, { peers: text, at: now })
      if ((last?.peers ?? '') !== text) say(name, peers)
    }
  }
}
