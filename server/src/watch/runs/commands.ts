import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'history [app]',
    'what was changed, when, by whom, and how it ended; of all apps without a name',
    'inn history shop',
  ).action(async (app, flags) => (await import('./cli.ts')).history(await cli(flags), app))
  sub('cancel <run>', 'take back a change that is under way', 'inn cancel 7c1f…').action(
    async (id, flags) => {
      const { at } = await import('../../cli/client.ts')
      const opened = await cli(flags)
      const answer = await opened.client.post<{ accepted: true }>(at`/api/runs/${id}/undo`, {})
      if (opened.json) return (await import('../../cli/command.ts')).printJson(answer)
      opened.terminal.print('it is being taken back')
    },
  )
}
