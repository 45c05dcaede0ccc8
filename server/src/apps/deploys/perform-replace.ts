import { serviceOf } from '../../config/config.ts'
import type { StepContext } from '../../engine/run.ts'
import { showDuration } from '../../kernel/durations.ts'
import { Failure } from '../../kernel/failure.ts'
import { count } from '../../kernel/words.ts'
import { slotName } from '../app/names.ts'
import { look } from '../checks/health.ts'
import { gateOf } from './perform-instances.ts'
import type { InstancePorts, Sockets } from './ports.ts'
import type { DeployStep } from './step.ts'

type Of<K extends DeployStep['kind']> = Extract<DeployStep, { kind: K }>

const PAUSE_MS = 200

/** Waits until nobody is connected to these instances any more. The edge closes connections that rest after three seconds. */
export async function quiet(
  { clock, connections }: Pick<InstancePorts, 'clock'> & Pick<Sockets, 'connections'>,
  step: Of<'instances.quiet'>,
  { signal }: StepContext,
): Promise<string> {
  for (const end = clock.now() + step.ms; ; await clock.sleep(PAUSE_MS, signal)) {
    const all = await Promise.all(step.slots.map(slot => connections(slot.port)))
    const open = all.reduce((sum, n) => sum + n, 0)
    if (open === 0) return 'nothing was open any more'
    if (clock.now() >= end) return `${count(open, 'connection')} still open at the end of drain`
  }
}

/**
 * Ends the process of an instance, whatever it does, and waits until the next one is ready. `spare`: one that answers
 * its health well now was only slow, on a busy machine, and goes on with the requests that it has in hand.
 */
export async function replace(
  ports: InstancePorts,
  { app, release, slot, spare }: Of<'instances.replace'>,
  { signal }: StepContext,
): Promise<string> {
  const { supervisor, clock } = ports
  const name = slotName(slot)
  const service = serviceOf((await ports.releases.get(app, release)).config, slot.service)
  if (spare && service.kind === 'web' && (await look(ports.probe, slot.port, service.health)).ok)
    return 'it is well again, and was left as it is'
  await supervisor.stop(name, { counted: true })
  await supervisor.start(name)
  const begun = clock.now()
  let last = 'it was never asked'
  while (clock.now() - begun < service.health.startPeriod) {
    const state = await supervisor.state(name)
    if (service.kind === 'worker' && state?.pid != null && state.seconds >= 2) return 'it runs'
    if (service.kind === 'web' && state?.pid != null) {
      const finding = await look(ports.probe, slot.port, service.health)
      if (finding.ok && (await ports.files.exists(gateOf(ports, slot))))
        return `ready after ${showDuration(clock.now() - begun)}`
      last = finding.detail
    }
    await clock.sleep(PAUSE_MS, signal)
  }
  throw new Failure(
    'instance.not-back',
    `${slot.service} ${slot.colour}.${slot.n} of ${app} did not come back`,
    {
      why: `its new process was not ready within ${showDuration(service.health.startPeriod)}: ${last}`,
      fix: `\`inn logs ${app} --service ${slot.service}\`; it is tried again, after a longer wait each time`,
    },
  )
}
