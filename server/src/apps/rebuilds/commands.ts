import { type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'rebuild [app]',
    'build what serves again from nothing, beside it, to see that its source and registries still give the same',
    'inn rebuild shop',
  )
    .addOption(plan())
    .addOption(wait())
    .action(async (named, flags) => {
      const { at } = await import('../../cli/client.ts')
      const { appName, change } = await import('../../cli/command.ts')
      const open = await cli(flags)
      await change(open, {
        path: at`/api/apps/${await appName(open, named)}/rebuild`,
        body: {},
        plan: flags.plan ?? false,
      })
    })
}
