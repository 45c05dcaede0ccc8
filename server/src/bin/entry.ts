import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EXIT, exitCodeOf } from '../kernel/exit.ts'
import { describe, lines } from '../kernel/failure.ts'
import { jsonText, plain } from '../kernel/output.ts'
import { version } from './version.ts'

const ROOT_HOME = '/var/lib/innkeeper'

/** The home, by default or from INNKEEPER_HOME. Symbolic links to it are resolved here, because links inside of it are refused. */
function homeFolder(): string {
  const named =
    process.env['INNKEEPER_HOME'] ?? (process.getuid!() === 0 ? ROOT_HOME : join(homedir(), '.innkeeper'))
  try {
    return realpathSync(named)
  } catch {
    // It does not exist yet or cannot be read: the command that needs it says so.
    return named
  }
}

/** `define` and `rehearse` are asked for by `inn upgrade`, of the version that is to be the keeper. */
async function keeper(order: string | undefined): Promise<void> {
  const home = homeFolder()
  if (order === undefined) return (await import('./keeper.ts')).main(home)
  const { defineHere, rehearse } = await import('./rehearsal.ts')
  await (order === 'define' ? defineHere(home) : rehearse(home))
}

const args = process.argv.slice(2)
try {
  // Scripts ask for the version often, so it is answered before anything is loaded.
  if (args[0] === '--version' || args[0] === '-V') console.log(version())
  else if (args[0] === 'keeper') await keeper(args[1])
  else await (await import('./program.ts')).main(args, homeFolder())
} catch (error) {
  const failure = describe(error)
  if (args.includes('--json')) console.log(jsonText({ failure }))
  else console.error(plain(lines(failure)))
  if (failure.code === 'internal' && error instanceof Error) console.error(plain(error.stack ?? ''))
  process.exitCode = failure.code === 'internal' ? EXIT.failed : exitCodeOf(failure.code)
}
