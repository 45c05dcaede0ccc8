import { didYouMean, list } from '../kernel/words.ts'
import { PREVIEW, PRODUCTION } from './app-key.ts'
import type { CrossProblem } from './problem.ts'
import type { ConfigInput } from './schema.ts'

/** Jobs of services that are not there, or run nothing, and environments that the file does not have. */
export const crossJobs = (input: ConfigInput): CrossProblem[] =>
  Object.entries(input.jobs).flatMap(([name, { service, environments }]) => {
    const say = (key: string[], message: string): CrossProblem => ({ path: ['jobs', name, ...key], message })
    const known = [PRODUCTION, PREVIEW, ...Object.keys(input.environments ?? {})]
    return [
      ...serviceProblems(input, service).map(message => say(['service'], message)),
      ...environments.flatMap((one, n) =>
        known.includes(one)
          ? []
          : [say(['environments', String(n)], `there is no environment ${one}; ${hint(one, known)}`)],
      ),
    ]
  })

function serviceProblems({ services }: ConfigInput, service: string | undefined): string[] {
  if (service === undefined)
    return Object.values(services).some(one => one.start !== undefined)
      ? []
      : ['a job runs in the folder of a service with a start, and this app has none']
  const found = services[service]
  if (found === undefined) return [`there is no service ${service}; ${hint(service, Object.keys(services))}`]
  return found.static === undefined
    ? []
    : [`${service} is static: name a service that runs programs, whose environment and Node.js the job has`]
}

function hint(word: string, known: readonly string[]): string {
  const near = didYouMean(word, known)
  return near === null ? `known are ${list(known)}` : `did you mean ${near}?`
}
