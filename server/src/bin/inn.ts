import { realpathSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { EXIT, exitCodeOf } from '../kernel/exit.ts'
import { describe, lines } from '../kernel/failure.ts'
import { jsonText, plain } from '../kernel/output.ts'
import { version } from './version.ts'

const ROOT_HOME = '/var/lib/innkeeper'

/** INNKEEPER_HOME moves everything. A link to it is resolved once, here: below it, links on the way are refused. */
function homeFolder(): string {
  const named =
    process.env['INNKEEPER_HOME'] ?? (process.getuid!() === 0 ? ROOT_HOME : join(homedir(), '.innkeeper'))
  try {
    return realpathSync(named)
  } catch {
    // Not made yet, or not to be had: whoever uses it says so.
    return named
  }
}

// Types are stripped and code compiled once, not at each command.
enableCompileCache()

const args = process.argv.slice(2)
try {
  // Asked often and by scripts: answered before anything is loaded.
  if (args[0] === '--version' || args[0] === '-V') console.log(version())
  else if (args[0] === 'keeper') await (await import('./keeper.ts')).main(homeFolder())
  else await (await import('./program.ts')).main(args, homeFolder())
} catch (error) {
  const failure = describe(error)
  if (args.includes('--json')) console.log(jsonText({ failure }))
  else console.error(plain(lines(failure)))
  if (failure.code === 'internal' && error instanceof Error) console.error(plain(error.stack ?? ''))
  process.exitCode = failure.code === 'internal' ? EXIT.failed : exitCodeOf(failure.code)
}
