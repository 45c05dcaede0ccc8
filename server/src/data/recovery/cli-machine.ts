import { homeAt } from '../../config/home.ts'
import { Failure } from '../../kernel/failure.ts'
import type { MachineTools } from './from-kit.ts'
import type { Kit } from './kit.ts'

/** Throws a Failure for what prevents a recovery on this machine: another path of the home, a home in use. */
export async function checkMachine(
  root: string,
  kit: Kit,
  { exists }: Pick<MachineTools, 'exists'>,
): Promise<void> {
  if (root !== kit.home)
    throw new Failure('recover.home', `the kit is of ${kit.home}, and this would be ${root}`, {
      why: 'links and settings of that server name its folder',
      fix: `\`INNKEEPER_HOME=${kit.home} inn recover --kit …\``,
    })
  if (await exists(homeAt(root).store))
    throw new Failure('recover.not-empty', `${root} is in use`, {
      why: 'it has a keeper.db: what is there would be lost',
      fix: 'recover on a machine without Innkeeper; to return to an earlier moment here: `inn restore`',
    })
}

/** Failure `database.major` when this machine lacks a PostgreSQL that a cluster was written by. `majors`: of the clusters. */
export async function checkMajors(
  majors: readonly number[],
  { hasMajor }: Pick<MachineTools, 'hasMajor'>,
): Promise<void> {
  for (const major of new Set(majors)) await hasMajor(major)
}
