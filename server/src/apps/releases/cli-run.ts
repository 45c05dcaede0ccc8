import { at } from '../../cli/client.ts'
import { appName, type Cli, printJson } from '../../cli/command.ts'
import { type EnvFlags, givenEnv } from '../../cli/env.ts'
import { Failure, type FailureJson } from '../../kernel/failure.ts'

type RunAnswer = { text: string } | { code: number } | { failure: FailureJson }

export interface RunFlags extends EnvFlags {
  app?: string
  service?: string
  release?: string
}

/** inn run -- node dist/seed.js: exits with the command's own code. */
export async function run(cli: Cli, argv: string[], flags: RunFlags): Promise<void> {
  const name = await appName(cli, flags.app)
  const env = await givenEnv(flags, cli.terminal)
  const body = { argv, service: flags.service, release: flags.release, env }
  const lines: string[] = []
  for await (const answer of cli.client.events<RunAnswer>(at`/api/apps/${name}/commands`, body)) {
    if ('failure' in answer)
      throw new Failure(answer.failure.code, answer.failure.what, { ...answer.failure, facts: {} })
    if ('code' in answer) process.exitCode = answer.code
    else if (cli.json) lines.push(answer.text)
    else cli.terminal.print(answer.text)
  }
  if (cli.json) printJson({ code: process.exitCode ?? 0, lines })
}
