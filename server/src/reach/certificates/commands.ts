import { below, type CommandLine, plan, wait } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const certs = below(
    program
      .command('certs')
      .description('certificates of domains: how long they last, and why one is missing'),
  )
  certs('list', 'of each app: domains, authority, days left, next renewal', 'inn certs', {
    isDefault: true,
  }).action(async flags => (await load()).certsList(await cli(flags)))
  certs('show [app]', 'the chain of one, and what each domain waits for', 'inn certs show shop').action(
    async (app, flags) => (await load()).certsShow(await cli(flags), app),
  )
  certs('renew [app]', 'get a new one now, whatever the present one is good for', 'inn certs renew shop')
    .addOption(plan())
    .addOption(wait())
    .action(async (app, flags) => (await load()).certsRenew(await cli(flags), app, flags))
}
