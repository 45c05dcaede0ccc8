import type { Perform, StepContext } from '../../engine/run.ts'
import { describe } from '../../kernel/failure.ts'
import type { Level } from './drill.ts'
import { endSessions, type Of, type Proof } from './level.ts'
import { bootLevel } from './perform-boot.ts'
import { contentLevel, copyLevel, integrityLevel } from './perform-copy.ts'
import { kitLevel } from './perform-kit.ts'
import { checksumLevel, objectLevel } from './perform-place.ts'
import type { DrillPorts, DrillsPorts } from './ports.ts'
import type { DrillStep } from './step.ts'

type LevelStep = Of<
  | 'drill.objects'
  | 'drill.checksums'
  | 'drill.copy'
  | 'drill.integrity'
  | 'drill.content'
  | 'drill.boot'
  | 'drill.kit'
>
const LEVEL: Record<LevelStep['kind'], number> = {
  'drill.objects': 0,
  'drill.checksums': 1,
  'drill.copy': 2,
  'drill.integrity': 3,
  'drill.content': 4,
  'drill.boot': 5,
  'drill.kit': 6,
}

/** What each kind of step does. */
export function drillPerformer(all: DrillsPorts): Perform<DrillStep> {
  return async (step, context) => {
    const ports = all.of(step.app)
    const { drills } = ports
    if (step.kind === 'drill.begin') return drills.begin({ ...step, id: step.drill })
    if (step.kind === 'drill.end') return drills.end(step.drill, 'proven')
    if (step.kind === 'drill.break-off') {
      const { levels } = await drills.get(step.drill)
      return drills.end(step.drill, levels.some(l => l.state === 'failed') ? 'failed' : 'cancelled')
    }
    return climb(ports, step, context)
  }
}

/** Runs one level, and stores its time and result however it ends. A cancelled level has proven nothing. */
async function climb(ports: DrillPorts, step: LevelStep, context: StepContext): Promise<string> {
  const { clock } = ports
  const begun = clock.now()
  const reached = async (shown: Omit<Proof, 'state'> & Pick<Level, 'state'>) =>
    ports.drills.reached(step.drill, {
      level: LEVEL[step.kind],
      unproven: [],
      ...shown,
      ms: clock.now() - begun,
    })
  const hangUp = () => void ('copy' in step && endSessions(ports, step.copy))
  context.signal.addEventListener('abort', hangUp)
  try {
    const proof = await prove(ports, step, context)
    await reached({ state: 'proven', ...proof })
    return proof.detail
  } catch (error) {
    context.signal.throwIfAborted()
    const { what, why } = describe(error)
    await reached({ state: 'failed', detail: `${what}: ${why}` })
    throw error
  } finally {
    context.signal.removeEventListener('abort', hangUp)
  }
}

function prove(ports: DrillPorts, step: LevelStep, context: StepContext): Promise<Proof> {
  switch (step.kind) {
    case 'drill.objects':
      return objectLevel(ports, step)
    case 'drill.checksums':
      return checksumLevel(ports, step, context)
    case 'drill.copy':
      return copyLevel(ports, step, context)
    case 'drill.integrity':
      return integrityLevel(ports, step, context)
    case 'drill.content':
      return contentLevel(ports, step)
    case 'drill.boot':
      return bootLevel(ports, step, context)
    case 'drill.kit':
      return kitLevel(ports, step, context)
  }
}
