import { Failure } from '../../kernel/failure.ts'

/** An app whose database is not one of Innkeeper's, or which has none. */
export const elsewhere = (app: string): Failure =>
  new Failure('database.elsewhere', `${app} has no PostgreSQL of Innkeeper`, {
    why: 'what goes on there is known to the server that it uses, wherever that is',
    fix: 'ask there; or `database: { postgres: true }` in innkeeper.yaml',
  })

/** One that could be asked, and does not answer. */
export const silentDatabase = (app: string): Failure =>
  new Failure('database.silent', `the PostgreSQL of ${app} does not answer`, {
    why: 'it ended, starts just now, or is frozen',
    fix: `\`inn logs ${app} --service postgres\` says more`,
  })
