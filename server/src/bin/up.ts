import { printJson } from '../cli/command.ts'
import { openTerminal } from '../cli/terminal.ts'
import { treePid } from '../drivers/runit/runsvdir.ts'
import { EXIT } from '../kernel/exit.ts'
import { count, list } from '../kernel/words.ts'
import { down, runningServices, up } from './tree.ts'

/** inn up */
export async function upCommand(home: string, flags: { json?: boolean }): Promise<void> {
  const terminal = openTerminal()
  const settings = await up(home, line => {
    if (!flags.json) terminal.print(line)
  })
  const url = `http://127.0.0.1:${settings.apiPort}`
  if (flags.json) return printJson({ url, home })
  terminal.print(`${terminal.paint('green', 'Innkeeper is up')}  ${url}  ${terminal.paint('dim', home)}`)
  terminal.print(
    terminal.paint(
      'dim',
      'next: inn deploy, in the folder of an app; inn people add EMAIL opens the dashboard',
    ),
  )
}

/** inn down */
export async function downCommand(home: string, flags: { json?: boolean; yes?: boolean }): Promise<void> {
  const terminal = openTerminal()
  const running = await runningServices(home)
  if (running.length === 0 && (await treePid(home)) === null) {
    if (flags.json) return printJson({ stopped: [] })
    return terminal.print('nothing runs here')
  }
  if (!flags.json) terminal.print(`this stops ${count(running.length, 'service')}: ${list(running)}`)
  if (!flags.yes) {
    const answer = terminal.interactive
      ? await terminal.ask('visitors will be refused. stop them all? [y/N] ')
      : ''
    if (!/^y/i.test(answer)) {
      terminal.note('nothing was stopped; --yes stops without asking')
      process.exitCode = EXIT.failed
      return
    }
  }
  await down(home)
  if (flags.json) return printJson({ stopped: running })
  terminal.print('all stopped; inn up brings the same world back')
}
