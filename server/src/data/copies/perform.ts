import { accessOf } from '../../apps/databases/access.ts'
import type { Perform } from '../../engine/run.ts'
import { takenName } from './copy.ts'
import type { CopiesPorts, CopyPorts } from './ports.ts'
import type { CopyStep } from './step.ts'

/** What each kind of step does. */
export function copyPerformer(all: CopiesPorts): Perform<CopyStep> {
  return async (step, { run }) => {
    const ports = all.of(step.app)
    const { lent, copies } = ports
    const { copy: name } = step
    const known = await lent.find(name)
    if (step.kind === 'copy.begin') {
      if (known !== null && known.run !== run) throw takenName(name)
      return lent.begin({ ...step, name, run })
    }
    if (step.kind === 'copy.forget') return known?.run === run ? lent.forget(name) : undefined
    if (step.kind === 'copy.open') return open(ports, step)
    await copies.remove(name)
    await lent.forget(name)
  }
}

/** Opens a copy to people. Its users get the passwords of today instead of those at that moment. */
async function open(
  ports: CopyPorts,
  { copy, app, forMs }: Extract<CopyStep, { kind: 'copy.open' }>,
): Promise<string> {
  const { port } = await ports.lent.get(copy)
  const access = accessOf(app, port, await ports.apps.secrets(app))
  await ports.copies.superuser(copy, 'postgres', async query => {
    for (const { user, password } of [access.owner, access.app]) {
      const text = `select format('alter role %I login password %L', $1::text, $2::text) as text`
      const [row] = await query(text, [user, password.reveal()])
      await query(String(row!['text']))
    }
  })
  const until = ports.clock.now() + forMs
  await ports.lent.open(copy, until)
  return `until ${new Date(until).toISOString()}`
}
