import { InvalidArgumentError, Option } from 'commander'
import { below, type CommandLine, plan } from '../../cli/options.ts'
import { FORGES } from './ci/forge.ts'

/** A name that needs no quotes in any of the files: git allows more. */
function branchOf(text: string): string {
  if (/^\w[\w./-]*$/.test(text)) return text
  throw new InvalidArgumentError('It wants the name of a branch, of letters, digits and ./_-')
}

export function commands({ sub, checkout }: CommandLine): void {
  sub('init [folder]', 'look at a repository and write a commented innkeeper.yaml', 'inn init')
    .option('--force', 'write over an innkeeper.yaml that is there')
    .action(async (folder = '.', flags) =>
      (await import('./cli-init.ts')).init(folder, {
        ...flags,
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
    )
  sub('check [folder]', 'check innkeeper.yaml, every problem at once', 'inn check').action(
    async (folder = '.', flags) =>
      (await import('./cli-check.ts')).check(folder, {
        checkout: await checkout(),
        json: flags.json ?? false,
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
  )
  const ci = below(sub('ci', 'workflows that test each push and deploy', 'inn ci init'))
  ci(
    'init [folder]',
    'write the workflow that tests each push, deploys to staging where there is one, and to production (docs/ci.md)',
    `inn ci init
  inn ci init --for gitlab --plan
  inn ci init --ssh root@shop.example.com`,
  )
    .addOption(plan())
    .addOption(
      new Option('--for <forge>', 'who runs it; default: what the remote or a folder says').choices(FORGES),
    )
    .option('--ssh <address>', 'reach the server by ssh instead of by its address and a token')
    .option('--branch <name>', 'the branch of production; default: what protection: names, or main', branchOf)
    .option('--force', 'write over a file that says something else')
    .action(async (folder = '.', flags) =>
      (await import('./cli-ci.ts')).initCi(folder, flags, {
        checkout: await checkout(),
        terminal: (await import('../../cli/terminal.ts')).openTerminal(),
      }),
    )
}
