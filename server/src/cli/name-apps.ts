import { type Command, Option } from 'commander'

/** Every command that may be told an app takes `--app NAME` too: one way to name it, whichever command it is. */
export function nameApps(program: Command): void {
  for (const command of program.commands) {
    nameApps(command)
    const at = command.registeredArguments.findIndex(one => one.name() === 'app' && !one.required)
    if (at === -1 || command.options.some(one => one.long === '--app')) continue
    command.addOption(new Option('--app <name>', 'the app'))
    command.hook('preAction', ({ processedArgs }) => {
      const { app } = command.opts<{ app?: string }>()
      if (app === undefined) return
      if (processedArgs[at] !== undefined && processedArgs[at] !== app)
        command.error(`error: two apps are named, ${processedArgs[at]} and ${app}`)
      processedArgs[at] = app
    })
  }
}
