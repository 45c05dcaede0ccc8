import { folderOf } from '../tree.ts'
import { databaseOf, fields, items, type Reader, rest, service, text, whole } from './foreign.ts'
import { bareJson } from './text.ts'

const WHY = {
  buildpacks: 'the build stands under services.*.build',
  stack: 'the version of Node.js stands under services.*.node',
  environments: 'there is one environment on a server',
  image: 'Innkeeper builds from the sources',
}
const ABOUT = ['name', 'description', 'keywords', 'website', 'repository', 'logo', 'success_url', '$schema']

/** Heroku's and Dokku's app.json. Expo's file of that name says nothing of a server. */
export const appJson: Reader = (source, into) => {
  const all = bareJson(source, into)
  if ('expo' in all || !['env', 'formation', 'addons', 'scripts', 'buildpacks'].some(key => key in all))
    return
  for (const [name, of] of Object.entries(fields(all['env']))) {
    const said = fields(of)
    // What has no default is asked for, unless the file says that it may be left out.
    const value = text(of) ?? text(said['value'])
    if (value !== null || said['generator'] === 'secret' || said['required'] !== false)
      into.env.push({ name, value })
  }
  for (const [name, of] of Object.entries(fields(all['formation'])))
    into.services.push(
      service(name, folderOf(into.file), {
        worker: name !== 'web',
        instances: whole(fields(of)['quantity']),
      }),
    )
  for (const addon of items(all['addons'])) {
    const plan = text(addon) ?? text(fields(addon)['plan']) ?? ''
    const database = databaseOf(plan)
    if (database === null) into.lost.push(`addons: ${plan}: it is not kept here`)
    else into.databases.push(database)
  }
  for (const [name, of] of Object.entries(fields(all['scripts']))) {
    if (name === 'postdeploy' || name === 'dokku.predeploy')
      into.lost.push(`scripts.${name}: ${text(of) ?? ''}: it ran once for a new app: run it with \`inn run\``)
    else into.lost.push(`scripts.${name}: ${text(of) ?? ''}: nothing runs it here`)
  }
  for (const job of items(all['cron']))
    into.lost.push(`cron: ${text(fields(job)['command']) ?? ''}: jobs by the clock have no key yet`)
  into.lost.push(
    ...rest(all, { used: ['env', 'formation', 'addons', 'scripts', 'cron', ...ABOUT], why: WHY }),
  )
}
