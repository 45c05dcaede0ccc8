import { didYouMean, list } from '../kernel/words.ts'
import { checkinVariable, type ProbeConfig } from './probes.ts'
import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** What a probe may ask; it asks one. */
export const KINDS = ['http', 'tcp', 'postgres', 'redis', 'command', 'certificate'] as const
export type ProbeKind = (typeof KINDS)[number]

const kindsOf = (probe: ProbeConfig): ProbeKind[] => KINDS.filter(kind => probe[kind] !== undefined)

/** What a probe asks. It asks one: the file was checked. */
export const kindOf = (probe: ProbeConfig): ProbeKind => kindsOf(probe)[0]!

/** Keys that go with one kind alone. */
const ONLY: ReadonlyArray<readonly [key: keyof ProbeConfig, kind: ProbeKind]> = [
  ['each', 'http'],
  ['status', 'http'],
  ['expect', 'http'],
  ['contentType', 'http'],
  ['days', 'certificate'],
]

export function probes(input: ConfigInput): CrossProblem[] {
  return Object.entries(input.probes).flatMap(([name, probe]): CrossProblem[] => {
    const say = (key: string[], message: string): CrossProblem => ({
      path: ['probes', name, ...key],
      message,
    })
    const [kind, ...others] = kindsOf(probe)
    if (kind === undefined) return [say([], `says nothing to ask: write one of ${list(KINDS)}`)]
    if (others.length > 0) return [say([others[0]!], `a probe asks one thing: take out ${kind} or this`)]
    return [
      ...ONLY.filter(([key, of]) => probe[key] !== undefined && of !== kind).map(([key, of]) =>
        say([key], `goes with ${of}: take it out`),
      ),
      ...each(input, probe).map(message => say(['each'], message)),
      ...(['postgres', 'redis'] as const).flatMap(key =>
        probe[key] === true && input[key === 'redis' ? 'redis' : 'database'] === undefined
          ? [say([key], `the file has no ${key === 'redis' ? 'redis' : 'database'}: to ask; write a URL`)]
          : [],
      ),
    ]
  })
}

function each({ services }: ConfigInput, { each: name, http }: ProbeConfig): string[] {
  if (name === undefined || http === undefined) return []
  const service = services[name]
  if (typeof http !== 'string' || !http.startsWith('/'))
    return ['is for a path, as in /health: each instance has its own address']
  if (service === undefined) {
    const near = didYouMean(name, Object.keys(services))
    return [
      `there is no service ${name}; ${near === null ? `services: ${list(Object.keys(services))}` : `did you mean ${near}?`}`,
    ]
  }
  return service.worker || service.static !== undefined ? [`${name} has no instances that can be asked`] : []
}

/** Refuses values for variables in which jobs find their addresses. */
export function checkinNames(input: ConfigInput): CrossProblem[] {
  const sections = [
    [['env'], input.env],
    ...Object.entries(input.services).map(([name, { env }]) => [['services', name, 'env'], env]),
  ] as Array<[string[], ConfigInput['env']]>
  return Object.keys(input.checkins).flatMap(name =>
    sections.flatMap(([path, env]) =>
      env[checkinVariable(name)] === undefined
        ? []
        : [
            {
              path: [...path, checkinVariable(name)],
              message: `checkins: gives it already, as the address of ${name}: take it out`,
            },
          ],
    ),
  )
}
