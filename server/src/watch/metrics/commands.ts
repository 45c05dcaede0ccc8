import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'metrics [app]',
    'requests, errors, times to answer, processor and memory of an app, and what its visitors felt',
    `inn metrics shop
  inn metrics shop --range 7d
  inn metrics --forecast
  inn metrics --query 'sum by (app) (rate(http_requests_total[5m]))'`,
  )
    .option('--range <duration>', 'over which time, up to 90d', '15m')
    .option('--forecast', 'what becomes full, and when: disks, memory, databases with a quota')
    .option('--query <promql>', 'what Prometheus answers to this instead; $app and $window are filled in')
    .action(async (app, flags) => (await import('./cli.ts')).metrics(await cli(flags), app, flags))
}
