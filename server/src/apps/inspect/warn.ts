import type { AppConfig, ServiceConfig } from '../../config/config.ts'
import { sizeText } from '../../config/fields.ts'
import { sessionsOf } from './affinity.ts'
import type { Facts, PackageFacts } from './facts.ts'
import { behindPooler } from './pooling.ts'
import { portTold } from './port.ts'
import { judge } from './scripts.ts'

/** Contradictions between a valid innkeeper.yaml and its repository, told before anything is deployed. */
export function warningsOf(config: AppConfig, facts: Facts): string[] {
  return config.services.flatMap(service => {
    const pkg = facts.packages.find(p => p.folder === service.root)
    return [
      ...memory(service),
      ...(pkg === undefined
        ? []
        : [
            ...lockfile(service, pkg),
            ...start(service, pkg),
            ...sessions(service, pkg),
            ...port(service, pkg),
            ...behindPooler(config, service, pkg),
          ]),
    ]
  })
}

/** A plain server of Node.js has 50 to 60 MB when nobody asks it anything, one of a framework 100 and more. */
const LITTLE = 128 * 1024 ** 2

const memory = ({ name, memory }: ServiceConfig): string[] =>
  memory === undefined || memory >= LITTLE
    ? []
    : [
        `${name}: memory: ${sizeText(memory)} is little: Node.js takes some 50 MB before the app does anything, and an instance over the bound is started again. Look at inn ps after some hours, and leave room`,
      ]

function lockfile(service: ServiceConfig, pkg: PackageFacts): string[] {
  const dependent = pkg.dependencies.size + pkg.devDependencies.size > 0
  if (!dependent || pkg.lockfile !== null || service.install !== undefined) return []
  return [
    `${service.name}: ${pkg.folder}/package.json has no lockfile, and the deploy will refuse it: npm install --package-lock-only, and commit package-lock.json`,
  ]
}

function sessions(service: ServiceConfig, pkg: PackageFacts): string[] {
  const by = sessionsOf(pkg.dependencies)
  if (by === null || service.kind !== 'web' || service.instances < 2 || service.affinity !== undefined)
    return []
  return [
    `${service.name}: ${by} keeps its sessions in one instance, and ${service.instances} share the requests: connections will fail; write affinity: cookie`,
  ]
}

function start(service: ServiceConfig, pkg: PackageFacts): string[] {
  if (service.start === undefined) return []
  const line = service.start.join(' ')
  // Judged under an empty name, which no script has: as `start`, a line `npm start` would lead back to itself.
  const { harms, process } = judge('', { ...pkg.scripts, '': line })
  if (harms.length === 0) return []
  const instead = process === null ? '' : `; the process itself may be: ${process.join(' ')}`
  return [`${service.name}: start: ${line}: ${harms.join('; ')}${instead}`]
}

/** A port that the command itself is given is none that stands in the code. */
const port = ({ name, kind, start }: ServiceConfig, { sources }: PackageFacts): string[] =>
  kind !== 'web' || sources.fixedPort === null || start?.join(' ').includes('$PORT')
    ? []
    : [`${name}: ${portTold(sources.fixedPort)}`]
