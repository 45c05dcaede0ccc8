import { Option } from 'commander'
import { type CommandLine, short, whole } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub('logs [app]', 'log lines of an app, or of keeper, edge', 'inn logs shop -f --level error')
    .option('-f, --follow', 'go on with lines as they come')
    .option('--since <duration>', 'only the last 1h, 10m, …')
    .option('-n, --lines <n>', 'the last n lines (100), at most 10000', whole(10_000))
    .addOption(
      new Option('--level <level>', 'this level and above').choices(['debug', 'info', 'warn', 'error']),
    )
    .option('--grep <text>', 'lines with this text', short(200))
    .option('--service <name>', 'of this service')
    .option('--release <id>', 'of this release')
    .action(async (app, flags) => (await import('./cli.ts')).logs(await cli(flags), app, flags))
}
