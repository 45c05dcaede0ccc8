import { below, type CommandLine } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const page = below(
    program
      .command('status-page')
      .description('the public page that says how an app is, and who is told of it by e-mail'),
  )
  page('show [app]', 'what stands on it, and where it is', 'inn status-page show shop', {
    isDefault: true,
  }).action(async (app, flags) => (await load()).statusPageShow(await cli(flags), app))
  page('subscribers [app]', 'who is told by e-mail', 'inn status-page subscribers shop').action(
    async (app, flags) => (await load()).statusPageSubscribers(await cli(flags), app),
  )
  page(
    'remove <app> <address>',
    'take an address off the list',
    'inn status-page remove shop ann@example.com',
  ).action(async (app, address, flags) => (await load()).statusPageRemove(await cli(flags), app, address))
}
