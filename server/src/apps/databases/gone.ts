import { Failure } from '../../kernel/failure.ts'
import type { ClusterLife, Loss } from './cluster.ts'

/** The failure for a cluster whose files were in this folder and are gone. */
export const clusterGone = (app: string, data: string): Failure =>
  new Failure('database.gone', `the data folder of the PostgreSQL of ${app} is gone`, {
    why: `${data} has no cluster any more, and there was one`,
    fix: `bring it back if it was moved; else: \`inn recovery database ${app}\` restores it to the last archived moment`,
  })

/** Failure `database.gone`: there was a cluster, and its files are not there. */
export async function clusterThere(
  app: string,
  cluster: Pick<ClusterLife, 'expected' | 'place'>,
): Promise<void> {
  const expected = await cluster.expected()
  if (expected !== null && (await cluster.place()) === null) throw clusterGone(app, expected.data)
}

/** What became of the files of a cluster, and what to do, as sentences. */
export function sayLoss(app: string, loss: Loss): { what: string; fix: string } {
  if (loss.server === 'elsewhere')
    return {
      what: `the data folder of the PostgreSQL of ${app} was moved to ${loss.data}, where its server goes on: nothing new of it is backed up`,
      fix: `move it back to where it was: \`inn recovery database ${app}\` would restore an older moment`,
    }
  if (loss.server === 'waits')
    return {
      what: `the PostgreSQL of ${app} is not back yet: the recovery of this server has not come to it`,
      fix: `\`inn recover --kit FILE\` goes on where it stopped; \`inn recovery database ${app}\` brings it back alone`,
    }
  const says = {
    stopped: ': its server is stopped, so that it takes no commit that would be lost',
    ended: ': its server cannot start',
    runs: ', and its server still runs: every commit from now on is lost',
  }[loss.server]
  return {
    what: `the data folder of the PostgreSQL of ${app} is gone${says}`,
    fix: `\`inn recovery database ${app}\` restores it to the last archived moment`,
  }
}
