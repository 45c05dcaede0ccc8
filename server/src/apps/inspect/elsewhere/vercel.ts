import { fields, items, type Reader, rest, text, variables } from './foreign.ts'
import { bareJson } from './text.ts'

const WHY = {
  regions: 'it runs on your server',
  functions: 'functions run as a part of the server of the app',
  builds: 'Innkeeper builds by itself',
  routes: 'paths of services stand under routes:, the rest the app must do',
  framework: 'it is found in the repository',
  git: '`inn ci init` writes a workflow that deploys',
  github: '`inn ci init` writes a workflow that deploys',
  ignoreCommand: '`inn ci init` writes a workflow that deploys',
  images: 'the app makes its pictures itself',
  cleanUrls: 'a static site with spa: false answers /page with page.html',
  trailingSlash: 'the app must do it',
  public: 'sources are not shown',
  devCommand: 'a server runs in production',
}

/** Vercel's vercel.json: it has no processes, but paths, headers and jobs. */
export const vercel: Reader = (source, into) => {
  const all = bareJson(source, into)
  for (const one of [...variables(all['env']), ...variables(fields(all['build'])['env'])])
    into.env.push({ name: one.name, value: one.value?.startsWith('@') === true ? null : one.value })
  for (const job of items(all['crons']))
    into.lost.push(
      `crons: ${text(fields(job)['path']) ?? ''} at ${text(fields(job)['schedule']) ?? ''}: jobs by the clock have no key yet`,
    )
  for (const key of ['rewrites', 'redirects', 'headers']) {
    for (const rule of items(all[key])) {
      const from = text(fields(rule)['source']) ?? ''
      const to = text(fields(rule)['destination'])
      if (to === '/index.html' || to === '/') continue
      into.lost.push(
        `${key}: ${from}${to === null ? '' : ` to ${to}`}: ${key === 'headers' ? 'headers: says them for the whole app' : 'the app must do it'}`,
      )
    }
  }
  const used = ['$schema', 'version', 'name', 'env', 'build', 'crons', 'rewrites', 'redirects', 'headers']
  const built = ['buildCommand', 'installCommand', 'outputDirectory']
  into.lost.push(...rest(all, { used: [...used, ...built], why: WHY }))
}
