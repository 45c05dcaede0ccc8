import { folderOf } from '../tree.ts'
import { type Fields, type Foreign, fields, type Reader, rest, service, text, whole } from './foreign.ts'
import { bareJson, bareToml } from './text.ts'

const WHY = {
  builder: 'Innkeeper builds by itself',
  nixpacksPlan: 'Innkeeper builds by itself',
  nixpacksConfigPath: 'Innkeeper builds by itself',
  dockerfilePath: 'Innkeeper builds from the sources',
  watchPatterns: '`inn deploy --only` brings one service alone',
  restartPolicyType: 'what ends is started again',
  restartPolicyMaxRetries: 'what ends is started again, with longer waits',
  cronSchedule: 'jobs by the clock have no key yet',
  region: 'it runs on your server',
  sleepApplication: 'an app at rest goes on running',
  overlapSeconds: 'the old side stays warm by itself',
  drainingSeconds: 'drain and stopGrace say it',
  healthcheckTimeout: 'health.startPeriod says how long a start may take',
}

/** Railway's configuration of one service. */
const railway = (all: Fields, into: Foreign): void => {
  const deploy = fields(all['deploy'])
  const folder = folderOf(into.file)
  into.release = text(
    [deploy['preDeployCommand']]
      .flat()
      .flatMap(one => text(one) ?? [])
      .join(' && '),
  )
  if (Object.keys(deploy).length > 0)
    into.services.push(
      service('web', folder, {
        command: text(deploy['startCommand']),
        instances: whole(deploy['numReplicas']),
        health: text(deploy['healthcheckPath']),
        worker: deploy['cronSchedule'] !== undefined,
      }),
    )
  if (deploy['cronSchedule'] !== undefined) into.services.length = 0
  const used = ['startCommand', 'preDeployCommand', 'numReplicas', 'healthcheckPath', 'buildCommand']
  into.lost.push(
    ...rest(fields(all['build']), { used, why: WHY, at: 'build.' }),
    ...rest(deploy, { used, why: WHY, at: 'deploy.' }),
    ...rest(all, {
      used: ['build', 'deploy', '$schema'],
      why: { environments: 'there is one environment on a server' },
    }),
  )
}

export const railwayJson: Reader = (source, into) => railway(bareJson(source, into), into)
export const railwayToml: Reader = (source, into) => railway(bareToml(source, into), into)
