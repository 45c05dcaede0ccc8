import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, checkout }: CommandLine): void {
  sub('init [folder]', 'look at a repository and write a commented innkeeper.yaml', 'inn init')
    .option('--force', 'write over an innkeeper.yaml that is there')
    .action(async (folder = '.', flags) =>
      (await import('./cli-init.ts')).init(folder, {
        ...flags,
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
    )
  sub('check [folder]', 'check innkeeper.yaml, every problem at once', 'inn check').action(
    async (folder = '.', flags) =>
      (await import('./cli-check.ts')).check(folder, {
        checkout: await checkout(),
        json: flags.json ?? false,
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
  )
}
