import { Failure } from '../../kernel/failure.ts'

/** The failure for a cluster whose files were in this folder and are gone. */
export const clusterGone = (app: string, data: string): Failure =>
  new Failure('database.gone', `the files of the PostgreSQL of ${app} are gone`, {
    why: `${data} has no cluster any more, and there was one`,
    fix: `bring them back if they were moved; else: \`inn recovery database ${app}\` restores them to the last archived moment`,
  })
