import { below, type CommandLine, short, whole } from '../../cli/options.ts'

export function commands({ sub, cli }: CommandLine): void {
  const audit = sub(
    'audit [app]',
    'who did what, with which outcome; newest first',
    'inn audit shop --who anna@example.com -n 20',
  )
    .option('-n, --lines <n>', 'this many, at most 500', whole(500), 50)
    .option('--who <name>', 'only what people or tokens did that have this in their name', short(200))
    .action(async (app, flags) => (await import('./cli.ts')).audit(await cli(flags), app, flags))
  const more = below(audit)
  more(
    'export',
    'every entry as it was written, a line of JSON each, to be kept somewhere else',
    'inn audit export > audit.jsonl',
  ).action(async flags => (await import('./cli-chain.ts')).auditExport(await cli(flags)))
  more(
    'verify [file]',
    'whether each entry follows from the one before it, and from all in a file that was exported earlier',
    `inn audit verify
  inn audit verify audit.jsonl`,
  ).action(async (file, flags) => (await import('./cli-chain.ts')).auditVerify(await cli(flags), file))
}
