import { among, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const db = among(program, 'db', "the app's database")
  db('activity [app]', 'who is connected to the database, and what each does', 'inn db activity shop')
    .option('--idle', 'those that do nothing, too')
    .action(async (app, flags) => (await load()).activity(await cli(flags), app, flags))
  db('locks [app]', 'who waits for whose locks, and for how long', 'inn db locks shop').action(
    async (app, flags) => (await load()).locks(await cli(flags), app),
  )
  db('kill <pid> [app]', 'end a session; what its transaction did is taken back', 'inn db kill 4711 shop')
    .option('--statement', 'only what it does now; the client may go on')
    .action(async (pid, app, flags) => (await load()).kill(await cli(flags), { pid, app }, flags))
}
