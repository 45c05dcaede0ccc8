import { homeAt } from '../../config/home.ts'
import { exists } from '../../drivers/host/files.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Kit } from './kit.ts'

/** Throws a Failure for what prevents a recovery on this machine: another path of the home, a home in use, no PostgreSQL of that major. */
export async function checkMachine(root: string, kit: Kit): Promise<void> {
  if (root !== kit.home)
    throw new Failure('recover.home', `the kit is of ${kit.home}, and this would be ${root}`, {
      why: 'links and settings of that server name its folder',
      fix: `INNKEEPER_HOME=${kit.home} inn recover --kit …`,
    })
  if (await exists(homeAt(root).store))
    throw new Failure('recover.not-empty', `${root} is in use`, {
      why: 'it has a keeper.db: what is there would be lost',
      fix: 'recover on a machine without Innkeeper; to return to an earlier moment here: inn restore',
    })
  if (kit.postgres === null || (await exists(`/usr/lib/postgresql/${kit.postgres}/bin/postgres`))) return
  throw new Failure('recover.postgres', `PostgreSQL ${kit.postgres} is not installed`, {
    why: 'files of one major version are opened by that version alone',
    fix: `apt-get install postgresql-${kit.postgres}`,
  })
}
