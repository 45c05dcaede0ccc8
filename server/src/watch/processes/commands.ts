import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'top',
    'what uses processors and memory now, by service',
    `inn top
  inn top --once --sort memory`,
  )
    .option('--once', 'show it once, and end')
    .option('--sort <by>', 'cpu or memory', 'cpu')
    .action(async flags => (await import('./cli.ts')).top(await cli(flags), flags))
}
