import { join } from 'node:path'
import type { AppStore } from '../../apps/app/store.ts'
import { logFolder } from '../../apps/deploys/perform-instances.ts'
import type { Home } from '../../config/home.ts'
import { Failure } from '../../kernel/failure.ts'
import type { Supervisor } from '../../servers/supervisor/supervisor.ts'
import type { LogSource } from './read.ts'

interface Ports {
  home: Home
  apps: Pick<AppStore, 'find' | 'ports'>
  supervisor: Pick<Supervisor, 'state'>
}

/** Log folders of an app's instances, or of a part: `inn logs keeper`. */
export async function logSources(keeper: Ports, name: string): Promise<LogSource[]> {
  const app = await keeper.apps.find(name)
  if (app === null) {
    if (name.includes('.') || (await keeper.supervisor.state(name)) === null) {
      throw new Failure('app.unknown', `there is no app or part ${name}`, {
        why: 'nothing of that name was deployed here, or is run for all apps',
        fix: 'inn status lists them; keeper, edge and postgres are parts',
      })
    }
    return [{ folder: join(keeper.home.logs, name), service: name, n: 1 }]
  }
  const owners = [...(await keeper.apps.ports()).keys()].filter(owner => owner.startsWith(`${name}.`))
  return owners.flatMap(owner => {
    const [, service, colour, n] = owner.split('.')
    if (n === undefined)
      return [{ folder: join(keeper.home.app(name).logs, service!), service: service!, n: 1 }]
    const slot = { app: name, service: service!, colour: colour as 'blue' | 'green', n: Number(n), port: 0 }
    return [{ folder: logFolder(keeper, slot), service: slot.service, n: slot.n }]
  })
}
