import { Argument } from 'commander'
import { below, type CommandLine, collect } from '../../cli/options.ts'

export function commands({ program, sub, cli }: CommandLine): void {
  const load = () => import('./cli.ts')
  const routing = () => import('./cli-routes.ts')
  sub('ack [alert...]', 'say that you have it in hand, which ends the escalation', 'inn ack 3f2a 81c0')
    .option('--all', 'all that is wrong now')
    .action(async (occurrences, flags) => (await load()).ack(await cli(flags), occurrences, flags))
  const alerts = below(program.command('alerts').description('what is wrong, since when, and who was told'))
  alerts('list', 'what is wrong now', 'inn alerts', { isDefault: true })
    .option('--over', 'what was wrong in the last week, too')
    .action(async flags => (await load()).alertsList(await cli(flags), flags))
  alerts(
    'routes',
    'who is told what; where none is written, all channels are told',
    'inn alerts routes',
  ).action(async flags => (await routing()).routesList(await cli(flags)))
  alerts(
    'route',
    'tell this channel of what is so bad',
    'inn alerts route critical pager --after 10m --hours 20:00-08:00 --zone Europe/Berlin',
  )
    .addArgument(new Argument('<severity>').choices(['critical', 'warning']))
    .argument('<channel>')
    .option('--after <duration>', 'only when nobody acknowledged it for so long')
    .option('--hours <from-to>', 'only by day, or by night: 08:00-20:00')
    .option('--weeks <n/m>', 'only in each n-th of m weeks, which begin on Monday: on call')
    .option('--zone <zone>', 'of hours and weeks; default: that of this terminal')
    .action(async (severity, channel, flags) =>
      (await routing()).routeAdd(await cli(flags), { severity, channel }, flags),
    )
  alerts('unroute <id>', 'take a route away', 'inn alerts unroute 2').action(async (id, flags) =>
    (await routing()).routeRemove(await cli(flags), id),
  )
  alerts(
    'settings',
    'show or change what all messages have in common',
    'inn alerts settings --watchdog https://hc-ping.com/UUID',
  )
    .option('--link <url>', 'the address of the dashboard, which messages lead to; none: no link')
    .option(
      '--watchdog <url>',
      'called each minute, so that somebody notices when this server is dead; none: nobody',
    )
    .option(
      '--metrics-watchdog <url>',
      'another address, called each minute by Prometheus, for when the keeper is not able to tell; none: nobody',
    )
    .action(async flags => (await routing()).settings(await cli(flags), flags))
  silences({ program, cli } as CommandLine)
}

function silences({ program, cli }: CommandLine): void {
  const load = () => import('./cli-silences.ts')
  const silence = below(
    program.command('silence').description('tell nothing of what you know of, until a time'),
  )
  silence('list', 'what is silenced now', 'inn silence', { isDefault: true }).action(async flags =>
    (await load()).silenceList(await cli(flags)),
  )
  silence('add <comment>', 'tell nothing of what matches', "inn silence add 'new disk' --app shop --for 2h")
    .option('--app <app>', 'all alerts of an app')
    .option('--match <matcher>', "a condition: alertname=~'Disk.*'; several: all of them", collect)
    .requiredOption('--for <duration>', 'for how long')
    .action(async (comment, flags) => (await load()).silenceAdd(await cli(flags), comment, flags))
  silence('end <id>', 'tell again', 'inn silence end 1c8b').action(async (id, flags) =>
    (await load()).silenceEnd(await cli(flags), id),
  )
}
