import { among, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  among(program, 'security', 'what an attacker would find')(
    'check [app]',
    'look at the server and every app for weak secrets, open doors and missing updates; each finding with its fix. It ends with 1 where one is critical or high',
    `inn security check
  inn security check shop --all
  inn security check --json`,
  )
    .option('--all', 'also what is good, and what is accepted')
    .action(async (app, flags) => (await import('./cli.ts')).check(await cli(flags), app, flags))
}
