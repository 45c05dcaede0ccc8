import type { Store } from '../../db/db.ts'
import { keepSetting, readSetting } from '../../db/setting.ts'
import type { Rebuilt } from './rule.ts'

export type RebuildStore = ReturnType<typeof rebuildStore>

const nameOf = (app: string): string => `rebuilt:${app}`

/** What the last rebuild of each app showed. */
export const rebuildStore = (store: Store) => ({
  async last(app: string): Promise<Rebuilt | null> {
    const text = await readSetting(store, nameOf(app))
    return text === null ? null : (JSON.parse(text) as Rebuilt)
  },
  keep: (app: string, rebuilt: Rebuilt): Promise<void> =>
    keepSetting(store, nameOf(app), JSON.stringify(rebuilt)),
})
