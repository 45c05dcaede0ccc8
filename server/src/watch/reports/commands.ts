import { Option } from 'commander'
import { below, type CommandLine, collect } from '../../cli/options.ts'

export function commands({ program, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const report = below(
    program.command('report').description('how the server and its apps do: each day, week and month'),
  )
  const period = (name: string, of: string, others: string[]) => new Option(`--${name}`, of).conflicts(others)
  const day = () => period('day', 'the last 24 hours', ['week', 'month'])
  const week = () => period('week', 'the last 7 days, which is the default', ['day', 'month'])
  const month = () => period('month', 'the last 30 days', ['day', 'week'])
  report('show', 'what was checked, what changed, and what is to be seen to', 'inn report --day', {
    isDefault: true,
  })
    .addOption(day())
    .addOption(week())
    .addOption(month())
    .action(async flags => (await load()).reportShow(await cli(flags), flags))
  report('send', 'send it now, to the channels that get it', 'inn report send --week')
    .addOption(day())
    .addOption(week())
    .addOption(month())
    .action(async flags => (await load()).reportSend(await cli(flags), flags))
  report(
    'settings',
    'show or change when it is sent by itself, and to whom',
    "inn report settings --daily 08:00 --weekly 'Mon 08:00' --zone Europe/Berlin --channel ops",
  )
    .option('--daily <time>', '08:00; off: not at all, which is the default')
    .option('--weekly <time>', "'Mon 08:00', which is the default; off: not at all")
    .option(
      '--monthly <time>',
      "'1 08:00': on the first, up to the 28th; off: not at all, which is the default",
    )
    .option('--zone <zone>', "of these times; default: the server's")
    .option(
      '--channel <name>',
      'who gets it; several: all of them; all: every channel but those that call people, which is the default',
      collect,
    )
    .action(async flags => (await load()).reportSettings(await cli(flags), flags))
}
