import type { Views } from '../engine/view.ts'
import * as nouns from './nouns.ts'

/** What every noun brings. */
export const PARTS = Object.values(nouns)

type Nouns = typeof nouns
type KindsOf<P> = P extends { sentences?: () => Promise<infer S> } ? keyof S : never

/** Kinds of steps that two nouns have. */
type Collisions = {
  [N in keyof Nouns]: KindsOf<Nouns[N]> & KindsOf<Nouns[Exclude<keyof Nouns, N>]>
}[keyof Nouns]

/** Does not compile while two nouns have a step of one kind: the error names it. */
const distinct: [Collisions] extends [never] ? true : Collisions = true
void distinct

/** Shows plans and runs with the sentences of all nouns. */
export async function serverViews(): Promise<Views> {
  const [{ views }, { allSentences }] = await Promise.all([
    import('../engine/view.ts'),
    import('../parts/part.ts'),
  ])
  return views(await allSentences(PARTS))
}
