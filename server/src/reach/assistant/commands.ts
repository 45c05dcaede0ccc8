import type { CommandLine } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  sub(
    'mcp',
    'for an assistant (an LLM client), by the Model Context Protocol on standard input and output: it reads, and proposes changes that a person approves',
    'inn mcp',
  ).action(async () => (await import('./cli.ts')).serve(await cli({})))
}
