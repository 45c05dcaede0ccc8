import { accessOf } from '../../apps/databases/access.ts'
import { databaseUrl } from '../../apps/databases/cluster.ts'
import type { StepContext } from '../../engine/run.ts'
import { describe, Failure } from '../../kernel/failure.ts'
import { list } from '../../kernel/words.ts'
import { placeNamed } from '../repositories/ready.ts'
import type { Of, Proof } from './level.ts'
import type { DrillPorts } from './ports.ts'

/**
 * L6: writes the recovery kit, reads it again, and opens the place with it, without anything that this server remembers.
 * What it finds must suffice for the copy that was made: its backup, the app and its release, the passwords of its roles.
 */
export async function kitLevel(
  ports: DrillPorts,
  step: Of<'drill.kit'>,
  { signal }: StepContext,
): Promise<Proof> {
  const into = await ports.scratch(step.copy)
  const place = await placeNamed(ports, step.place)
  const found = await ports.byKit({ place, app: step.app, into, signal })
  const lacking = [
    ...(found.backups.includes(step.backup) ? [] : [`the backup ${step.backup} of the cluster`]),
    ...(found.release === null ? [`the app ${step.app} and its release`] : []),
    ...(found.releases ? [] : [`the files of the releases of ${step.app}`]),
    ...(found.release === null ? [] : await refusedPasswords(ports, step, found.secrets)),
  ]
  if (lacking.length > 0)
    throw new Failure('drill.kit', `the recovery kit does not bring back all of ${step.app}`, {
      why: `with it alone, ${step.place} lacks: ${list(lacking)}`,
      fix: '`inn backup now`; if it happens again, do not trust this place',
    })
  const { release, stateAt } = found
  return {
    detail: `the kit alone opens ${step.place}: the keeper of ${new Date(stateAt).toISOString()} with ${release} of ${step.app}, its files, the backup, and passwords that open the copy`,
    unproven: ['that a person has the kit (inn recovery kept says so)', 'another machine: inn recover there'],
  }
}

async function refusedPasswords(
  { copies, database }: DrillPorts,
  { copy, app }: Of<'drill.kit'>,
  secrets: Readonly<Record<string, string>>,
): Promise<string[]> {
  const { socketFolder, port } = await copies.place(copy)
  const access = { ...accessOf(app, port, secrets), host: encodeURIComponent(socketFolder) }
  const refused: string[] = []
  for (const role of ['app', 'owner'] as const)
    try {
      await database(databaseUrl(access, role), query => query('select 1'))
    } catch (error) {
      refused.push(`a password of ${access[role].user} that is right (${describe(error).why})`)
    }
  return refused
}
