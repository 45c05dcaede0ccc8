import { Failure } from '../kernel/failure.ts'
import { version } from './version.ts'

/** Apart from the store itself, which `inn up` and `inn down` do not load. */
export const newerStore = (path: string): Failure =>
  new Failure('store.newer', 'the store of this home was changed by a newer Innkeeper', {
    why: `${path} has tables that ${version()} does not know`,
    fix: 'use the newer one: its `inn up`; or put the copy that the upgrade kept back, `keeper.db.before-VERSION`',
  })
