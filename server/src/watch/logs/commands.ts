import { Option } from 'commander'
import { type CommandLine, collect, short, whole } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'errors [app]',
    'what an app logs as errors, each kind once with how often',
    'inn errors shop --since 7d',
  )
    .option('--since <when>', 'of the last 1h, 7d, … (24h); or from a time on', '24h')
    .option('--until <when>', 'only before that, written the same way')
    .option('--service <name>', 'of this service')
    .option('--release <id>', 'of this release')
    .action(async (app, flags) => (await import('./cli.ts')).errors(await cli(flags), app, flags))
  sub('logs [app]', 'log lines of an app, or of keeper, edge', 'inn logs shop -f --level error')
    .option('-f, --follow', 'go on with lines as they come')
    .option('--since <when>', "only the last 1h, 10m, …; or from a time on: '14:30', 'yesterday 22:00'")
    .option('--until <when>', 'only lines before that, written the same way')
    .option('-n, --lines <n>', 'the last n lines (100), at most 10000', whole(10_000))
    .addOption(
      new Option('--level <level>', 'this level and above').choices(['debug', 'info', 'warn', 'error']),
    )
    .option('--grep <text>', 'lines with this text', short(200))
    .option('--field <key=value>', 'JSON lines with this value (req.method=POST), may be repeated', collect)
    .option('--service <name>', 'of this service')
    .option('--release <id>', 'of this release')
    .action(async (app, flags) => (await import('./cli.ts')).logs(await cli(flags), app, flags))
}
